// Starts port-router.mjs with a certificate and a host key of its own, and asks it by curl, openssl
// and ssh-keyscan, all at one port.
import { execFile, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const missing = [
  '/usr/bin/curl',
  '/usr/bin/openssl',
  '/usr/bin/ssh-keyscan',
  '/usr/sbin/sshd',
].filter((program) => !existsSync(program));
if (missing.length > 0 || process.getuid() !== 0) {
  console.log(`  needs root (for sshd), curl, openssl and openssh-server; not here: ${missing}`);
  process.exit();
}

const folder = mkdtempSync(join(tmpdir(), 'bsd-sockets-router-'));
const openssl = 'req -x509 -newkey rsa:2048 -nodes -subj /CN=router -days 2 -keyout key -out cert';
execFileSync('openssl', openssl.split(' '), { cwd: folder, stdio: 'ignore' });
execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', join(folder, 'ssh_host_key')]);
writeFileSync(join(folder, 'sshd_config'), 'UsePAM no\nStrictModes no\n');
mkdirSync('/run/sshd', { recursive: true });

const file = fileURLToPath(new URL('port-router.mjs', import.meta.url));
const router = spawn(process.execPath, [file, folder], { stdio: ['pipe', 'pipe', 'inherit'] });
const output = createInterface({ input: router.stdout });
output.on('line', (line) => console.log(`  router: ${line}`));
const [line] = await once(output, 'line');
const port = line.split(' ').at(-1);

const commands = [
  ['curl', '-s', `http://127.0.0.1:${port}/`],
  ['curl', '-sk', '--resolve', `one.example:${port}:127.0.0.1`, `https://one.example:${port}/`],
  ['ssh-keyscan', '-t', 'ed25519', '-p', port, '127.0.0.1'],
];
for (const [program, ...args] of commands) {
  const { stdout } = await promisify(execFile)(program, args);
  console.log(`  ${program}: ${stdout.trim().slice(0, 70)}`);
}
router.stdin.end();
await once(router, 'exit');
rmSync(folder, { recursive: true });
