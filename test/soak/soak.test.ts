/** The soak passes, and finds what is planted. */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

function soak(...options: string[]): { status: number | null; output: string } {
  const file = join(__dirname, 'soak.mjs');
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    ['--expose-gc', file, '0.05', ...options],
    { encoding: 'utf8', timeout: 110_000 },
  );
  return { status, output: stdout + stderr };
}

test('three seconds of the soak pass', () => {
  const { status, output } = soak();
  expect(output).not.toContain('NOT OK');
  expect(status).toBe(0);
});

test.each([
  ['descriptor', ['NOT OK: descriptors']],
  ['memory', ['NOT OK: resident memory', 'NOT OK: what JavaScript holds']],
  ['byte', ['AssertionError', 'contents']],
])('a planted fault is found: %s', (plant, told) => {
  const { status, output } = soak('--plant', plant);
  for (const line of told) expect(output).toContain(line);
  expect(status).toBe(1);
});
