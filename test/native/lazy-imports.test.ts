// SPDX-License-Identifier: MPL-2.0
import { Script } from 'node:vm';
import { ModuleKind, ScriptTarget, transpileModule } from 'typescript';

// eslint-disable-next-line @typescript-eslint/no-require-imports
const { lazyImports } = require('../../native/lazy-imports.cjs') as { lazyImports: (code: string) => string };

function compiled(source: string): string {
  const compilerOptions = { module: ModuleKind.CommonJS, target: ScriptTarget.ES2022 };
  return lazyImports(transpileModule(source, { compilerOptions }).outputText);
}

/** Runs a module; tells what it loads, one after the other, and what it exports. */
function run(source: string) {
  const loaded: string[] = [];
  const modules: Readonly<Record<string, object>> = {
    './a': { a: 1, call: (value: number) => value + 1 },
    './b': {
      B: class {
        readonly b = 2;
      },
    },
  };
  const require = (name: string) => {
    loaded.push(name);
    return modules[name];
  };
  const exports: Record<string, unknown> = {};
  const body = new Script(`(exports, require) => {${compiled(source)}\n}`).runInThisContext() as (
    exports: object,
    require: (name: string) => unknown,
  ) => void;
  body(exports, require);
  return { loaded, exports };
}

describe('an import', () => {
  it('is loaded when something of it is used, and once', () => {
    const { loaded, exports } = run(
      "import { a, call } from './a';\nexport const later = () => [a, call(a), ...[call].map((each) => each(a))];",
    );
    expect(loaded).toEqual([]);
    const later = exports['later'] as () => unknown;
    expect([later(), later()]).toEqual([
      [1, 2, 2],
      [1, 2, 2],
    ]);
    expect(loaded).toEqual(['./a']);
  });

  it('of a class makes instances of it', () => {
    const { exports } = run(
      "import { B } from './b';\nexport const one = new B();\nexport class C extends B {}",
    );
    expect(exports['one']).toMatchObject({ b: 2 });
    expect(new (exports['C'] as new () => object)()).toMatchObject({ b: 2 });
  });

  it('that is exported again is loaded when somebody takes it', () => {
    const { loaded, exports } = run("export { a } from './a';\nexport { B } from './b';");
    expect(loaded).toEqual([]);
    expect(exports['a']).toBe(1);
    expect(loaded).toEqual(['./a']);
  });

  it.each([
    "import './a';",
    "import * as a from './a';\nexport const later = () => a;",
    "export * from './a';",
  ])('is loaded at once: %s', (source) => {
    expect(run(source).loaded).toEqual(['./a']);
  });
});

test('lines stay where they are', () => {
  const source = "import { a } from './a';\n\nexport const x = () => a;\n";
  const lineOf = (code: string) => code.split('\n').findIndex((line) => line.includes('const x ='));
  const compilerOptions = { module: ModuleKind.CommonJS, target: ScriptTarget.ES2022 };
  expect(lineOf(compiled(source))).toBe(lineOf(transpileModule(source, { compilerOptions }).outputText));
});

test('a use of an import that is not known is refused', () => {
  expect(() => lazyImports('const a_1 = require("./a");\nconsole.log(a_1);')).toThrow(
    'an import is used in a way',
  );
});
