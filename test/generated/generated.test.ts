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

describe('the model of the sockets finds', () => {
  const program = join(__dirname, 'sequences.mjs');

  test.each([
    ['a byte that a receive swallows', 'swallowed', /receive|drain|waitAndSend/],
    ['an urgent byte that is sent twice', 'doubled', /sendUrgent/],
    ['a descriptor that a dup leaves behind', 'leaked', /move\(\d, dup\)/],
  ])(
    '%s, and shrinks the sequence',
    (_what, plant, operation) => {
      const arguments_ = [
        program,
        '--seed=1',
        '--calls=3000',
        '--patience=100',
        `--plant=${plant}`,
      ];
      const { status, stdout } = spawnSync(process.execPath, arguments_, { encoding: 'utf8' });
      expect(status).toBe(1);
      const { sequence, path } = JSON.parse(stdout) as { sequence: string; path: string };
      expect(sequence).toMatch(operation);
      expect(sequence.match(/\w+\(/g)?.length).toBeLessThanOrEqual(4);
      expect(path).toMatch(/^\d+(:\d+)*$/);
    },
    60_000,
  );
});
