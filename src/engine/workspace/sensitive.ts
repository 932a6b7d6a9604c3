/** Paths that are never read, stored or sent whatever .gitignore says; each rule with the reason the user is told. */

const dependencyFolders = new Set(
  `node_modules bower_components jspm_packages vendor .venv venv site-packages __pycache__ .tox .nox .mypy_cache
  .pytest_cache .ruff_cache .eggs .next .nuxt .svelte-kit .turbo .parcel-cache .gradle .terraform .dart_tool .pub-cache
  deriveddata .nyc_output .yarn .pnpm-store .cache .vs .idea .bundle .cargo .stack-work elm-stuff _build .angular
  .vscode-test`.split(/\s+/),
);
const versionControlFolders = new Set(['.git', '.hg', '.svn', '.jj', '.bzr', 'cvs']);
const secretFolders = new Set([
  'secrets',
  '.secrets',
  'secret',
  'credentials',
  '.credentials',
  '.ssh',
  '.gnupg',
  '.aws',
  '.azure',
  '.kube',
  '.docker',
  '.gcloud',
  '.password-store',
  'private_keys',
]);

const secretFiles: readonly RegExp[] = [
  /^\.env/,
  /\.env$/,
  /\.env\.[^.]+$/,
  /^\.?(?:secrets?|credentials?)(?:[._-](?:dev|prod|production|staging|test|local))?(?:\.(?:json|ya?ml|toml|ini|xml|csv|txt|properties|conf|cfg|enc))?$/,
  /^id_(?:rsa|dsa|ecdsa|ed25519)/,
  /\.(?:pem|key|p12|pfx|p8|pkcs12|jks|keystore|kdbx?|ppk|asc|gpg|pgp|der|crt|cer|ovpn|tfstate|tfvars|mobileprovision|age|agekey)$/,
  /\.tfstate\.|\.tfvars\./,
  /^\.(?:npmrc|yarnrc|netrc|pypirc|pgpass|my\.cnf|htpasswd|git-credentials|dockercfg|vault-token|vault_pass|s3cfg|boto|databrickscfg|terraformrc)$/,
  /^_netrc$/,
  /^\.?kubeconfig(?:\.|$)/,
  /\.kubeconfig$/,
  /(?:^|[._-])service[._-]?account.*\.json$/,
  /^(?:client_secret|google-services|gcloud|firebase-adminsdk).*\.json$/,
  /^(?:appsettings|local\.settings)\.(?:development|production|local|secrets)?\.?json$/,
  /^(?:master\.key|htpasswd|shadow|passwd|authorized_keys|known_hosts)$/,
];

const binaryFile =
  /\.(?:png|jpe?g|gif|bmp|ico|icns|webp|avif|heic|tiff?|psd|ai|eps|pdf|docx?|xlsx?|pptx?|odt|ods|zip|tar|t?gz|bz2|xz|zst|7z|rar|jar|war|ear|class|exe|dll|so|dylib|lib|obj|o|a|bin|dat|wasm|node|pyc|pyo|pyd|whl|egg|ttf|otf|woff2?|eot|mp[34]|m4[av]|wav|flac|ogg|webm|mov|avi|mkv|sqlite3?|db|mdb|parquet|arrow|npy|npz|pkl|h5|onnx|onnx_data|pt|pth|ckpt|gguf|safetensors|vsix|nupkg|dmg|iso|img|swf|fla|blend|fbx|glb|suo|user|pdb|ilk|idb|tlb)$/;

const generatedFile =
  /(?:[.-]min\.(?:js|mjs|cjs|css)|\.bundle\.(?:js|css)|\.chunk\.(?:js|css)|\.(?:map|snap|lock|lockb|tsbuildinfo|sum)|[.-]lock\.(?:json|ya?ml)|\.generated\.[a-z]+|\.g\.(?:dart|cs)|\.designer\.cs|\.pb\.(?:go|cc|h|swift)|_pb2(?:_grpc)?\.pyi?|\.freezed\.dart)$/;
const lockFiles = new Set([
  'npm-shrinkwrap.json',
  'go.sum',
  'packages.lock.json',
  'project.assets.json',
  '.pnp.cjs',
  '.pnp.js',
]);

/**
 * Why a path inside a folder is off limits by its name alone; null: it isn't. `file` is relative with `/`;
 * a trailing `/` marks a folder. Case does not matter.
 */
export function offLimits(file: string): string | null {
  const segments = file.toLowerCase().split('/');
  const isFolder = segments.at(-1) === '';
  const name = isFolder ? '' : segments.at(-1)!;
  for (const folder of segments.slice(0, -1)) {
    if (versionControlFolders.has(folder)) return 'version control data';
    if (dependencyFolders.has(folder)) return 'a folder of dependencies or caches';
    if (secretFolders.has(folder)) return 'a folder that may hold secrets';
  }
  if (isFolder) return null;
  if (versionControlFolders.has(name)) return 'version control data';
  if (secretFiles.some((rule) => rule.test(name))) return 'a file that may hold secrets';
  if (binaryFile.test(name)) return 'a binary file';
  if (lockFiles.has(name) || generatedFile.test(name)) return 'a generated, minified or lock file';
  return null;
}
