"""Writes golden-features.ndjson (one line of JSON): features of some days by the reference implementation (pandas), for flight-delay.test.ts.
Run: python test/unit/data/make-golden-features.py (needs pandas)."""
import json, os, sys

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.join(HERE, '..', '..', '..')
sys.path.insert(0, os.path.join(ROOT, 'test', 'reference', 'nycflights13-baselines'))
import features  # noqa: E402

DAYS = ['2013-01-03', '2013-01-20', '2013-03-11']
EVERY = 40

table = features.build(os.path.join(ROOT, 'models', 'flight-delay', 'data'), weather_lag_hours=1)
columns = features.STATIC + features.CAT + features.WEATHER + features.LAGS
numbers = features.STATIC + features.WEATHER + features.LAGS
table['flight_id'] = table.date.dt.strftime('%Y-%m-%d') + '-' + table.carrier + '-' + table.flight.astype(str) + '-' + table.origin
plain = lambda value: None if value != value else value.item() if hasattr(value, 'item') else value
days = {}
for day in DAYS:
    rows = table[table.date == day].sort_values('flight_id')
    days[day] = {
        'rows': len(rows),
        'late': int(rows.y.sum()),
        'sums': {c: float(rows[c].sum()) for c in numbers},
        'present': {c: int(rows[c].notna().sum()) for c in numbers},
        'sample': [[r.flight_id] + [plain(getattr(r, c)) for c in columns] for r in rows.iloc[::EVERY].itertuples()],
    }
with open(os.path.join(HERE, 'golden-features.ndjson'), 'w') as out:
    json.dump({'columns': columns, 'days': days}, out, separators=(',', ':'))
    out.write('\n')
