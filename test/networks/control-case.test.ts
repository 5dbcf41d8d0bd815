/**
 * The control case: `tcp_stdurg=1` moves the urgent mark of TCP by one byte. There every urgent fact
 * that depends on the mark's place must fail, and no other; without it all pass.
 */
import { spawn } from 'node:child_process';
import { basename, join } from 'node:path';
import { canUnshare, inNamespace } from '../support/namespace';

/** Facts of TCP that hold wherever the mark is: nothing urgent came yet, or nothing ever will. */
const ANY_PLACE = ['u04', 'u05', 'u21', 'u23', 'u24', 'u25', 'u26'];

interface Outcome {
  title: string;
  passed: boolean;
  dependsOnPlace: boolean;
}

interface Report {
  testResults: { name: string; assertionResults: { fullName: string; status: string }[] }[];
}

async function urgentFacts(setUp: string, patience: number): Promise<Outcome[]> {
  const jest = join(__dirname, '../../node_modules/jest/bin/jest.js');
  const [program, ...args] = [...inNamespace(setUp), process.execPath, jest];
  args.push('test/facts/u', '--json', '--silent', '--runInBand');
  const child = spawn(program, args, {
    cwd: join(__dirname, '../..'),
    env: { ...process.env, FACT_PATIENCE: String(patience) },
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  let output = '';
  for await (const part of child.stdout) output += String(part);
  return (JSON.parse(output) as Report).testResults.flatMap(({ name, assertionResults }) =>
    assertionResults.map(({ fullName, status }) => ({
      title: `${basename(name).slice(0, 4)} ${fullName}`,
      passed: status === 'passed',
      dependsOnPlace:
        !fullName.startsWith('unix:') && !ANY_PLACE.includes(basename(name).slice(0, 3)),
    })),
  );
}

const titles = (outcomes: Outcome[]): string[] => outcomes.map(({ title }) => title).sort();

(canUnshare ? test : test.skip)(
  '(needs a network namespace): urgent facts fail where the mark is elsewhere, and only those',
  async () => {
    const [here, elsewhere] = await Promise.all([
      urgentFacts('echo 0 > /proc/sys/net/ipv4/tcp_stdurg', 5000),
      urgentFacts('echo 1 > /proc/sys/net/ipv4/tcp_stdurg', 500),
    ]);
    expect(here.length).toBeGreaterThan(80);
    expect(titles(here.filter(({ passed }) => !passed))).toEqual([]);
    expect(titles(elsewhere.filter(({ passed }) => !passed))).toEqual(
      titles(elsewhere.filter(({ dependsOnPlace }) => dependsOnPlace)),
    );
  },
  240_000,
);
