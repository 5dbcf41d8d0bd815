// After tsc: what few programs need is loaded when it is first used, so that require('bsd-sockets')
// takes no longer than require('net'). The sources import as ever; here the require() calls of
// these modules move to where their names are used. In index.js that is every module.
import { readFileSync, readdirSync, writeFileSync } from 'node:fs';

const dist = new URL('../dist/', import.meta.url);
const late = ['node:dns/promises', 'node:net', './socket-stream'];

function lateRequires(source, isLate) {
  let result = source;
  for (const [line, name, module] of source.matchAll(
    /^(?:const|var) (\w+) = require\("(.+)"\);\n/gm,
  )) {
    if (!isLate(module)) continue;
    result = result.replace(line, '').replaceAll(`${name}.`, `(require("${module}")).`);
  }
  return result;
}

/**
 * An exported name becomes a plain value when it is first used: later uses cost nothing. That it is
 * exported stands above, in the form that import looks for.
 */
function lateExports(source) {
  const calls = source.replaceAll(
    /^Object\.defineProperty\(exports, ("\w+"), \{.* return (.+); \} \}\);$/gm,
    'late($1, () => $2);',
  );
  return `${calls}function late(name, load) {
  const get = () => {
    const value = load();
    Object.defineProperty(exports, name, { enumerable: true, value });
    return value;
  };
  Object.defineProperty(exports, name, { enumerable: true, configurable: true, get });
}
`;
}

for (const name of readdirSync(dist).filter((file) => file.endsWith('.js'))) {
  const file = new URL(name, dist);
  const source = readFileSync(file, 'utf8');
  const isIndex = name === 'index.js';
  const result = lateRequires(source, (module) => isIndex || late.includes(module));
  writeFileSync(file, isIndex ? lateExports(result) : result);
}
