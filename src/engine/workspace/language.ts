/** Language ids as VS Code names them, by how a file is called. */

const byExtension: Readonly<Record<string, string>> = Object.fromEntries(
  Object.entries({
    bat: 'bat cmd',
    c: 'c',
    clojure: 'clj cljs cljc edn',
    cmake: 'cmake',
    coffeescript: 'coffee',
    cpp: 'cc cpp cxx c++ hpp hh hxx h++ ipp inl',
    // VS Code opens .h as C++ by default too.
    'cpp ': 'h',
    csharp: 'cs csx',
    css: 'css',
    'cuda-cpp': 'cu cuh',
    dart: 'dart',
    dockerfile: 'dockerfile',
    elixir: 'ex exs',
    elm: 'elm',
    erlang: 'erl hrl',
    fsharp: 'fs fsi fsx',
    go: 'go',
    graphql: 'graphql gql',
    groovy: 'groovy gradle',
    haskell: 'hs',
    hlsl: 'hlsl glsl vert frag wgsl',
    html: 'html htm xhtml',
    ini: 'ini cfg conf',
    java: 'java',
    javascript: 'js mjs cjs',
    javascriptreact: 'jsx',
    json: 'json webmanifest',
    jsonc: 'jsonc code-workspace',
    julia: 'jl',
    kotlin: 'kt kts',
    latex: 'tex sty',
    less: 'less',
    lua: 'lua',
    makefile: 'mk',
    markdown: 'md markdown mdx',
    nix: 'nix',
    'objective-c': 'm',
    'objective-cpp': 'mm',
    ocaml: 'ml mli',
    perl: 'pl pm',
    php: 'php',
    plaintext: 'txt',
    powershell: 'ps1 psm1 psd1',
    properties: 'properties',
    proto3: 'proto',
    python: 'py pyi pyw',
    r: 'r',
    restructuredtext: 'rst',
    ruby: 'rb rake gemspec',
    rust: 'rs',
    sass: 'sass',
    scala: 'scala sbt',
    scss: 'scss',
    shellscript: 'sh bash zsh ksh',
    sql: 'sql',
    svelte: 'svelte',
    swift: 'swift',
    terraform: 'tf',
    toml: 'toml',
    typescript: 'ts mts cts',
    typescriptreact: 'tsx',
    vb: 'vb',
    vue: 'vue',
    xml: 'xml xsd xsl xslt csproj vbproj fsproj props targets xaml plist',
    yaml: 'yml yaml',
    zig: 'zig',
  }).flatMap(([language, extensions]) => extensions.split(' ').map((extension) => [extension, language.trim()])),
);

const byName: Readonly<Record<string, string>> = {
  dockerfile: 'dockerfile',
  containerfile: 'dockerfile',
  makefile: 'makefile',
  gnumakefile: 'makefile',
  'cmakelists.txt': 'cmake',
  jenkinsfile: 'groovy',
  gemfile: 'ruby',
  rakefile: 'ruby',
  podfile: 'ruby',
  brewfile: 'ruby',
  '.bashrc': 'shellscript',
  '.zshrc': 'shellscript',
  '.profile': 'shellscript',
  '.gitignore': 'ignore',
  '.editorconfig': 'properties',
  'tsconfig.json': 'jsonc',
  'jsconfig.json': 'jsonc',
};

/** The language a file's name tells; null when it isn't known to hold text we can learn from. */
export function languageOf(path: string): string | null {
  const name = path.slice(Math.max(path.lastIndexOf('/'), path.lastIndexOf('\\')) + 1).toLowerCase();
  const named = byName[name];
  if (named !== undefined && Object.hasOwn(byName, name)) return named;
  if (name.startsWith('dockerfile.')) return 'dockerfile';
  const dot = name.lastIndexOf('.');
  if (dot < 0) return null;
  const extension = name.slice(dot + 1);
  return Object.hasOwn(byExtension, extension) ? byExtension[extension]! : null;
}
