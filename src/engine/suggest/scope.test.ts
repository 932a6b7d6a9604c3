import assert from 'node:assert/strict';
import { test } from 'node:test';
import { scopeAt } from './scope.ts';

/** The line that opens the scope at each `▮`; empty at the top level. */
function headers(marked: string, languageId: string): string[] {
  const text = marked.replaceAll('▮', '');
  const found: string[] = [];
  for (let at = marked.indexOf('▮'), seen = 0; at !== -1; at = marked.indexOf('▮', at + 1), seen += 1) {
    const start = scopeAt(text, at - seen, languageId);
    found.push(start === -1 ? '' : text.slice(start).split(/\r?\n/)[0]!.trim());
  }
  return found;
}

const cases: readonly { readonly languageId: string; readonly text: string; readonly opens: readonly string[] }[] = [
  {
    languageId: 'typescript',
    text: 'top▮();\nfunction f(a) {\n  one▮();\n  if (a) {\n    two▮();\n  }\n▮\n  three(▮);\n}\n▮',
    opens: ['', 'function f(a) {', 'if (a) {', 'function f(a) {', 'function f(a) {', ''],
  },
  {
    languageId: 'typescript',
    text: 'class A {\n  m() {\n  bad▮indented();\n  }\n\n  n() {▮}\n}\n',
    opens: ['m() {', 'n() {}'],
  },
  { languageId: 'typescript', text: 'const a = "{";\n▮\nf(/* { */);\n▮', opens: ['', ''] },
  {
    languageId: 'python',
    text: 'import a\n\ndef f(x):\n    y = 1▮\n    if x:\n        z▮ = {"a": 1}\n\n    return y▮\n\nprint(f(1))▮\n',
    opens: ['def f(x):', 'if x:', 'def f(x):', ''],
  },
  {
    languageId: 'python',
    text: 'def f():\n▮\ndef g():\n    a()\n▮\n    b()\n▮\n',
    opens: ['def f():', 'def g():', ''],
  },
  {
    languageId: 'go',
    text: 'func f() error {\n\tif err▮ != nil {\n\t\treturn▮ err\n\t}\n\t▮\n}\n',
    opens: ['func f() error {', 'if err != nil {', 'func f() error {'],
  },
  {
    languageId: 'rust',
    text: "impl<'a> P<'a> {\n    fn a(&self) -> u8 {\n        match self.x {\n            1 => ▮2,\n        }\n        ▮\n    }\n}\n",
    opens: ['match self.x {', 'fn a(&self) -> u8 {'],
  },
  {
    languageId: 'java',
    text: 'class A\n{\n    void f()\n    {\n        a▮();\n    }\n\n    ▮\n}\n',
    opens: ['{', '{'],
  },
  { languageId: 'c', text: 'int f(int a)\r\n{\r\n  int b▮ = a;\r\n\r\n  return ▮b;\r\n}\r\n', opens: ['{', '{'] },
  { languageId: 'css', text: '.a {\n  color: ▮red;\n}\n\n▮.b { top: 0▮ }\n', opens: ['.a {', '', '.b { top: 0 }'] },
  { languageId: 'html', text: '<ul>\n  <li>\n    a▮\n  </li>\n  ▮\n</ul>\n', opens: ['<li>', '<ul>'] },
  {
    languageId: 'shellscript',
    text: 'for f in *; do\n  echo▮ "$f"\ndone\n▮\nif a; then\n  b▮\nfi\n',
    opens: ['for f in *; do', '', 'if a; then'],
  },
  { languageId: 'ruby', text: 'def a\n  b do |c|\n    c▮\n  end\n  d▮\nend\n', opens: ['b do |c|', 'def a'] },
  {
    languageId: 'yaml',
    text: 'jobs:\n  test:\n    steps:\n      - run: a▮\n      - run: b▮\n  lint:▮\n',
    opens: ['steps:', 'steps:', 'jobs:'],
  },
];

for (const { languageId, text, opens } of cases) {
  test(`scopes in ${languageId}: ${text.slice(0, 24).replace(/\s+/g, ' ')}`, () => {
    assert.deepEqual(headers(text, languageId), opens);
  });
}

test('two methods with the same braces on their own lines are two scopes', () => {
  const text = 'class A\n{\n  void f()\n  {\n    a();\n  }\n  void g()\n  {\n    b();\n  }\n}\n';
  assert.notEqual(scopeAt(text, text.indexOf('a('), 'java'), scopeAt(text, text.indexOf('b('), 'java'));
});
