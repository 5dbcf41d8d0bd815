import { existsSync } from 'node:fs';

/** Whether the addon is the one for musl, by the rule of node-gyp-build, which loads it. */
export const isMusl = process.env.LIBC === 'musl' || existsSync('/etc/alpine-release');
