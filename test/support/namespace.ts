/** Network namespaces of the tests' own: whatever is done to a network there, nobody else notices. */
import { spawnSync } from 'node:child_process';

export const canUnshare = spawnSync('unshare', ['-n', 'true']).status === 0;

/** The command that runs what follows in a new namespace with a loopback, after `setUp` (shell). */
export function inNamespace(setUp = ':'): string[] {
  return ['unshare', '-n', 'sh', '-ec', `ip link set lo up; ${setUp}; exec "$@"`, 'sh'];
}
