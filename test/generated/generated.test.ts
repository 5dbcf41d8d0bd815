/** A short run of the generated calls, the same each time; `npm run test:fuzz` makes a million. */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

test('generated calls neither crash nor hang, and touch no foreign descriptor', () => {
  const program = join(__dirname, 'fuzz.mjs');
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [program, '--calls=30000', '--seed=1'],
    {
      encoding: 'utf8',
    },
  );
  expect({ status, stderr, stdout }).toMatchObject({ status: 0 });
  expect(stdout).toMatch(/raw: \d+ calls[^]*classes: \d+ calls[^]*sequences: \d+ calls/);
}, 120_000);

/** A wrong library is found, and the sequence that shows it is short. */
test.each([
  ['swallow', /receive/],
  ['doubleUrgent', /sendUrgent/],
  ['leak', /move\(.*"dup"/],
])(
  'the model finds a planted bug: %s',
  (plant, operation) => {
    const program = join(__dirname, 'sequences.mjs');
    const { status, stderr } = spawnSync(
      process.execPath,
      [program, '--calls=20000', '--seed=1', `--plant=${plant}`],
      { encoding: 'utf8', timeout: 60_000, killSignal: 'SIGKILL' },
    );
    expect(status).toBe(1);
    const counterexample = /Counterexample: (.*)/.exec(stderr)?.[1] ?? '';
    expect(counterexample).toMatch(operation);
    expect(counterexample.match(/\w+\(\{/g)?.length).toBeLessThanOrEqual(4);
    expect(stderr).toMatch(/seed: \d+, path: "[\d:]+"/);
  },
  90_000,
);
