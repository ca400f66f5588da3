// Writes orders.csv and results.csv: 44 days of 40 orders whose lateness follows x1, x2 and kind, from a fixed seed. Run: node generate.mjs
import { writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const folder = dirname(fileURLToPath(import.meta.url));
const DAYS = 44;
const ROWS = 40;
const FIRST = Date.parse('2013-02-20T00:00:00Z');

let state = 20130220;
function random() {
  state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
  return state / 4294967296;
}

const orders = ['id,day,leaves_at,x1,x2,kind'];
const results = ['id,day,delay,coin'];
for (let d = 0; d < DAYS; d++) {
  const day = new Date(FIRST + d * 86_400_000).toISOString().slice(0, 10);
  for (let n = 0; n < ROWS; n++) {
    const id = `o${d}-${n}`;
    const x1 = Number((random() * 4 - 2).toFixed(2));
    const x2 = Number((random() * 4 - 2).toFixed(2));
    const kind = ['a', 'b', 'c'][Math.floor(random() * 3)];
    const odds = 1.6 * x1 - 1.1 * x2 + (kind === 'a' ? 0.8 : kind === 'b' ? 0 : -0.8) - 0.4;
    const late = random() < 1 / (1 + Math.exp(-odds));
    const delay = late ? 15 + Math.floor(random() * 60) : Math.floor(random() * 15);
    orders.push(`${id},${day},${day} ${String(14 + (n % 6)).padStart(2, '0')}:00:00,${x1},${x2},${kind}`);
    results.push(`${id},${day},${delay},${random() < 0.5 ? 1 : 0}`);
  }
}
writeFileSync(join(folder, 'orders.csv'), `${orders.join('\n')}\n`);
writeFileSync(join(folder, 'results.csv'), `${results.join('\n')}\n`);
