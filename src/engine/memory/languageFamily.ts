/** Languages whose code reads alike enough that an edit in one is an example for the other. */
const families: readonly (readonly string[])[] = [
  ['javascript', 'javascriptreact', 'typescript', 'typescriptreact', 'vue', 'svelte', 'astro'],
  ['c', 'cpp', 'objective-c', 'objective-cpp', 'cuda-cpp', 'arduino'],
  ['java', 'kotlin', 'scala', 'groovy'],
  ['css', 'scss', 'less', 'sass', 'stylus', 'postcss'],
  ['html', 'xml', 'handlebars', 'razor', 'php', 'blade', 'erb', 'twig', 'jinja-html', 'django-html'],
  ['shellscript', 'fish', 'powershell', 'bat', 'makefile', 'dockerfile'],
  ['json', 'jsonc', 'json5', 'jsonl', 'yaml', 'toml'],
  ['markdown', 'mdx', 'plaintext', 'restructuredtext', 'asciidoc', 'latex'],
  ['csharp', 'fsharp', 'vb'],
  ['python', 'cython', 'jupyter', 'starlark'],
];
const familyOf = new Map(families.flatMap((family, index) => family.map((language) => [language, index] as const)));

const otherDialect = 0.95;
/** An unrelated language has to be much more similar to be of use: names carry over, syntax does not. */
const otherFamily = 0.6;

/** Factor for the similarity of code in `language` to a place in `wanted`, 0 to 1. */
export function languageFactor(wanted: string, language: string): number {
  if (wanted === language || wanted === '') return 1;
  const family = familyOf.get(wanted);
  return family !== undefined && family === familyOf.get(language) ? otherDialect : otherFamily;
}
