// A process of its own that reads one file of a web server as the data worker does: prints its text, or code and message of the failure, as JSON.
// Usage: https-reader <address> <folder for the download>
import { readFileSync } from 'node:fs';
import { createSourceFiles } from '../../../src/data/sources/files';

async function main(address: string, dir: string): Promise<void> {
  try {
    const [file] = await createSourceFiles({}, { attempts: 2, firstWaitMs: 5 }).find(address, dir);
    const { path } = await file!.fetch({ dir });
    process.stdout.write(JSON.stringify({ text: readFileSync(path!, 'utf8') }));
  } catch (error) {
    const { code, message } = error as { readonly code?: string; readonly message: string };
    process.stdout.write(JSON.stringify({ code, message }));
  }
}

void main(process.argv[2]!, process.argv[3]!);
