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
  expect(stdout).toMatch(/raw: \d+ calls[^]*classes: \d+ calls/);
}, 120_000);
