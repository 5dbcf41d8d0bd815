/** The constants: TypeScript's list against the addon's, and values against Python's. */
import { execFileSync } from 'node:child_process';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import {
  commonNames,
  constants,
  darwinNames,
  linuxNames,
  posixNames,
  windowsNames,
} from '../lib/constants';
import { isMusl } from './support/libc';

const native = Object.keys(constants);

/** What only glibc names: its resolver's, old ones, and second names of what musl names once. */
const glibcNames = [
  ...['SO_RCVTIMEO_OLD', 'SO_SNDTIMEO_OLD'],
  ...['AI_CANONIDN', 'AI_IDN', 'NI_IDN', 'MSG_TRYHARD', 'POLLREMOVE', 'IPV6_RECVERR_RFC4884'],
  ...['TCP_COOKIE_IN_ALWAYS', 'TCP_COOKIE_MAX', 'TCP_COOKIE_MIN', 'TCP_COOKIE_OUT_NEVER'],
  ...['TCP_COOKIE_PAIR_SIZE', 'TCP_COOKIE_TRANSACTIONS', 'TCP_S_DATA_IN', 'TCP_S_DATA_OUT'],
  ...['TCP_MAXWIN', 'TCP_MAX_WINSHIFT', 'TCP_MSS', 'TCP_MSS_DEFAULT', 'TCP_MSS_DESIRED'],
];
const allNames = [...commonNames, ...posixNames, ...linuxNames, ...darwinNames, ...windowsNames];

test('every name of the addon stands in the TypeScript list', () => {
  const listed = new Set<string>(allNames);
  expect(native.filter((name) => !listed.has(name))).toEqual([]);
});

test('every name that the sources of any platform have stands in the TypeScript list', () => {
  const listed = new Set<string>(allNames);
  const folders = ['native', 'native/platform'].map((name) => join(__dirname, '..', name));
  const text = folders
    .flatMap((folder) => readdirSync(folder).map((file) => join(folder, file)))
    .filter((file) => file.endsWith('.cc'))
    .map((file) => readFileSync(file, 'utf8'));
  const names = text.flatMap((source) =>
    [...source.matchAll(/^ +CONSTANT\((\w+)\)/gm)].map((match) => match[1] ?? ''),
  );
  expect(names.length).toBeGreaterThan(native.length);
  expect(names.filter((name) => !listed.has(name))).toEqual([]);
});

test('every name of the platform stands in the addon', () => {
  const wanted = {
    linux: [...commonNames, ...posixNames, ...linuxNames],
    win32: [...commonNames, ...windowsNames],
  }[process.platform as string] ?? [...commonNames, ...posixNames];
  const missing = wanted.filter((name) => !native.includes(name));
  expect(missing.sort()).toEqual(isMusl ? glibcNames.sort() : []);
});

test('no name stands twice', () => {
  expect(new Set(allNames).size).toBe(allNames.length);
});

test('Python has the same values', () => {
  const source =
    'import socket, errno, select, json; ' +
    'all = {**vars(socket), **vars(errno), **vars(select)}; ' +
    'print(json.dumps({k: int(v) for k, v in all.items() if k.isupper() and isinstance(v, int)}))';
  const python = JSON.parse(
    execFileSync('python3', ['-c', source], { encoding: 'utf8' }),
  ) as Record<string, number>;
  const common = native.filter((name) => name in python);
  expect(common.length).toBeGreaterThan(200);
  const ours = constants as Record<string, number>;
  const mask = 0xffffffff;
  const different = common.filter(
    (name) => ((ours[name] ?? 0) & mask) !== ((python[name] ?? 0) & mask),
  );
  expect(different).toEqual([]);
});

test('the table is frozen', () => {
  expect(Object.isFrozen(constants)).toBe(true);
});
