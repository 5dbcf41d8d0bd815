// The real server of ftp-abort.mjs: Debian's vsftpd, one process for each connection, as inetd
// would start it. Run as a process of its own, which prints the port and ends with its input.
import { spawn } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ServerSocket } from 'bsd-sockets';

const home = mkdtempSync(join(tmpdir(), 'bsd-sockets-ftp-'));
const files = join(home, 'files');
mkdirSync(files, { mode: 0o755 });
mkdirSync(join(home, 'empty'));
writeFileSync(join(files, 'large'), '');
truncateSync(join(files, 'large'), 64 * 1024 * 1024);
chmodSync(home, 0o755);
writeFileSync(
  join(home, 'vsftpd.conf'),
  `listen=NO
listen_ipv6=NO
anonymous_enable=YES
no_anon_password=YES
anon_root=${files}
secure_chroot_dir=${join(home, 'empty')}
async_abor_enable=YES
seccomp_sandbox=NO
isolate_network=NO
`,
);

const server = new ServerSocket('127.0.0.1:0');
console.log(server.address().port());
const connection = server.acceptConnection();
const fd = connection.sockfd();
const ftpd = spawn('/usr/sbin/vsftpd', [join(home, 'vsftpd.conf')], {
  stdio: [fd, fd, fd],
  env: {},
});
connection.close();
process.stdin.resume().on('end', () => ftpd.kill());
ftpd.on('exit', () => {
  rmSync(home, { recursive: true });
  process.exit();
});
