/** Network namespaces of the tests' own: whatever is done to a network there, nobody else notices. */
import { execFile, spawnSync } from 'node:child_process';
import { promisify } from 'node:util';

/** The longest that a program of theirs may take, in milliseconds. */
export const LONGEST = 60_000;

export const canUnshare = spawnSync('unshare', ['-n', 'true']).status === 0;

/** The command that runs what follows in a new namespace with a loopback, after `setUp` (shell). */
export function inNamespace(setUp = ':'): [string, ...string[]] {
  return ['unshare', '-n', 'sh', '-ec', `ip link set lo up; ${setUp}; exec "$@"`, 'sh'];
}

/** What a program of Node's prints, as JSON; `wrapper` is what it runs under. */
export async function ranByNode(
  wrapper: readonly string[],
  ...command: string[]
): Promise<unknown> {
  const [program = '', ...args] = [...wrapper, process.execPath, ...command];
  const { stdout } = await promisify(execFile)(program, args, { timeout: LONGEST });
  return JSON.parse(stdout);
}
