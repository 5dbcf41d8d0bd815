/**
 * Runs one test file by Jest's own runner and matchers, without Jest's module system, whose resolver
 * and compilers are native and not everywhere: what is left of Jest, and Sucrase for the types, is
 * plain JavaScript and runs wherever the addon does.
 *
 * Arguments: the file of tests, the file that gets the results as JSON, and a pattern of the names
 * of tests, behind that of their file, that are skipped.
 */
const { writeFileSync } = require('node:fs');
const { createRequire } = require('node:module');
const path = require('node:path');
const circus = require('jest-circus');
const { expect } = require('expect');
const { addHook } = require('sucrase/dist/register');

addHook('.ts', { transforms: ['imports', 'typescript'], disableESTransforms: true });

const [file, results] = process.argv.slice(2, 4).map((name) => path.resolve(name));
const skipped = new RegExp(process.argv[4] ?? '(?!)');
const slowness = Number(process.env.PLATFORM_SLOWNESS ?? 1);

const { afterAll, afterEach, beforeAll, beforeEach, describe, it, test } = circus;
Object.assign(globalThis, {
  afterAll,
  afterEach,
  beforeAll,
  beforeEach,
  describe,
  it,
  test,
  expect,
  // All that the tests use of it.
  jest: {
    requireActual: createRequire(file),
    setTimeout: (milliseconds) => {
      circus.getState().testTimeout = milliseconds * slowness;
    },
  },
});

/** One test as the matrix counts it. */
function told({ testPath: [, ...names], status, errors, duration }) {
  return { name: names.join(' › '), status, errors, duration };
}

function titlesOf({ name, parent }) {
  return parent.parent === undefined ? [name] : [...titlesOf(parent), name];
}

function skip(block, names) {
  for (const child of block.children) {
    const titles = [...names, child.name];
    if (child.type === 'describeBlock') skip(child, titles);
    else if (skipped.test(titles.join(' › '))) child.mode = 'skip';
  }
}

// So that the log of a file that hung tells in which test.
circus.addEventHandler(({ name, test: started }) => {
  if (name === 'test_start') console.log(titlesOf(started).join(' › '));
});

// What nobody waits for is not the end of the tests.
for (const event of ['uncaughtException', 'unhandledRejection']) {
  process.on(event, (error) => circus.getState().unhandledErrors.push(error));
}

async function main() {
  circus.getState().testTimeout = 30_000 * slowness;
  createRequire(file)(file);
  skip(circus.getState().rootDescribeBlock, [path.relative('test', file)]);
  const { testResults, unhandledErrors } = await circus.run();
  writeFileSync(results, JSON.stringify({ tests: testResults.map(told), unhandledErrors }));
  process.exit();
}

main().catch((error) => {
  console.error(error);
  process.exit(1);
});
