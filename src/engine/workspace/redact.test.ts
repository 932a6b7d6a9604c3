import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import fc from 'fast-check';
import { redacted, redactSecrets } from './redact.ts';

/** Built from parts, so that no scanner takes this file for a leak. */
const part = (n: number, alphabet = 'aB3dE5gH7jK9mN1pQ2rS4tU6vW8xYz0') =>
  Array.from({ length: n }, (_, i) => alphabet[(i * 7 + 3) % alphabet.length]).join('');
const hex = (n: number) => part(n, '3fa9c0d17be2586');

const tokens: Record<string, string> = {
  GitHub: `ghp_${part(36)}`,
  'GitHub fine-grained': `github_pat_${part(22)}_${part(40)}`,
  GitLab: `glpat-${part(20)}`,
  AWS: `AKIA${part(16, 'ABCDEFGH23456789')}`,
  Google: `AIza${part(35)}`,
  Slack: `xoxb-${part(12, '1234567890')}-${part(24)}`,
  OpenAI: `sk-proj-${part(48)}`,
  Anthropic: `sk-ant-api03-${part(80)}`,
  npm: `npm_${part(36)}`,
  Stripe: `sk_live_${part(24)}`,
  SendGrid: `SG.${part(22)}.${part(43)}`,
  'Hugging Face': `hf_${part(34)}`,
  JWT: `eyJ${part(20)}.eyJ${part(40)}.${part(43)}`,
};

for (const [who, token] of Object.entries(tokens)) {
  test(`A5-19: a ${who} token is not stored or sent, wherever it stands`, () => {
    for (const text of [
      `const x = "${token}";`,
      token,
      `curl -H 'X: ${token}' http://h`,
      `# ${token}\n`,
      `a: ${token}\nb`,
    ]) {
      const result = redactSecrets(text);
      assert.equal(result.count, 1, text);
      assert.ok(!result.text.includes(token.slice(-12)), result.text);
    }
  });
}

const assignments = [
  `password = "hunter2!"`,
  `password: 'hunter2'`,
  `"password": "s3cr3t-pass"`,
  `DB_PASSWORD=correct-horse-battery`,
  `export DB_PASSWORD=correcthorsebattery`,
  `db_password: hunter22`,
  `const dbPassword: string = 'Tr0ub4dor&3';`,
  `connect(host="h", password="Tr0ub4dor3")`,
  `string Password = @"P@ssw0rd99";`,
  `'password' => 'hunter2x',`,
  `password := "hunter2x"`,
  `<password>Tr0ub4dor3</password>`,
  `if (password === "hunter2x") {`,
  `api_key = "${part(32)}"`,
  `apiKey: '${hex(32)}',`,
  `API_KEY=${hex(40)}`,
  `client_secret: ${part(40)}`,
  `"aws_secret_access_key": "${part(40)}"`,
  `let token: &str = "${part(32)}";`,
  `Authorization: Bearer ${part(40)}`,
  `headers['Authorization'] = 'Basic ${part(24)}=='`,
  `run --password=Tr0ub4dor3 --verbose`,
  `"Server=db;User Id=sa;Password=Hunter2!x;Encrypt=true"`,
  `const body = "{\\"password\\":\\"hunter2x\\"}";`,
  `postgres://app:S3cretPw9@db.internal:5432/app`,
  `redis://:S3cretPw9@cache:6379`,
];
for (const text of assignments) {
  test(`A5-19: a secret in \`${text.slice(0, 40)}\` is replaced, the code around it is not`, () => {
    const result = redactSecrets(text);
    assert.equal(result.count, 1, result.text);
    assert.ok(result.text.includes(redacted));
    const [head, tail] = result.text.split(redacted);
    assert.ok(text.startsWith(head!) && text.endsWith(tail!), result.text);
  });
}

const harmless = [
  'token: string;',
  'interface A { password: string; token: Token; secret?: Uint8Array }',
  'password = getPassword()',
  'const token = await getToken(request, 16384);',
  'const key = process.env.API_KEY ?? "";',
  'apiKey: process.env.OPENAI_API_KEY,',
  'password: config.password,',
  // biome-ignore lint/suspicious/noTemplateCurlyInString: a template is the case
  'const password = `${prefix}-${suffix}`;',
  'token = tokens[position];',
  "type: 'password', name: 'password'",
  "const passwordField = 'password';",
  'PASSWORD = os.environ["DB_PASSWORD"]',
  // biome-ignore lint/suspicious/noTemplateCurlyInString: as workflows write it
  'secret: ${{ secrets.DEPLOY_KEY }}',
  'password: <your password here>',
  "placeholder: 'Enter your password'",
  'https://user:password@example.com/',
  'const tokenType = "application/x-www-form-urlencoded";',
  'CancellationToken token = default;',
  'tokenEndpoint: "/oauth2/v2.0/token",',
  'export const secretKey = "attune.openai.key";',
  'disk-usage-of-all-mounted-volumes risk-assessment-of-everything2',
  'import { passwordStrength2 } from "./password-strength-v2";',
];
for (const text of harmless) {
  test(`ordinary code is left alone: ${text.slice(0, 50)}`, () =>
    assert.deepEqual(redactSecrets(text), { text, count: 0 }));
}

test('A5-19: a private key is replaced between its markers, and also when the text cuts it off', () => {
  const body = Array.from({ length: 12 }, () => part(64)).join('\n');
  const begin = '-----BEGIN RSA PRIVATE ' + 'KEY-----';
  const end = '-----END RSA PRIVATE ' + 'KEY-----';
  for (const text of [
    `a\n${begin}\n${body}\n${end}\nb`,
    `a\n${begin}\n${body}`,
    `${body}\n${end}\nb`,
    `k = "${begin}\\n${part(900)}\\n${end}";`,
  ]) {
    const result = redactSecrets(text);
    assert.equal(result.count, 1, text.slice(0, 80));
    assert.ok(!/[A-Za-z0-9]{40}/.test(result.text), result.text);
  }
});

test('redacting twice is redacting once, and no secret survives in any surroundings', () => {
  const pieces = [
    ...Object.values(tokens),
    ...assignments,
    ...harmless,
    redacted,
    '\n',
    ' ',
    '"',
    "'",
    '`',
    '=',
    ': ',
    'password',
    'token',
    '://',
    '@',
  ];
  fc.assert(
    fc.property(
      fc.array(fc.oneof(fc.constantFrom(...pieces), fc.string({ maxLength: 8 })), { maxLength: 25 }),
      (parts) => {
        const once = redactSecrets(parts.join(' '));
        assert.equal(redactSecrets(once.text).text, once.text);
        for (const token of Object.values(tokens)) assert.ok(!once.text.includes(token));
      },
    ),
    { numRuns: 300 },
  );
});

test('hostile text costs time in proportion to its length', () => {
  const work = (text: string): number => {
    const before = process.cpuUsage();
    redactSecrets(text);
    const { user, system } = process.cpuUsage(before);
    return user + system;
  };
  fc.assert(
    fc.property(
      fc.constantFrom(
        'password',
        'token=',
        '://a:',
        'eyJ',
        '-----BEGIN PRIVATE ' + 'KEY-----',
        'sk-a',
        '"',
        'password="',
        'api_key: a',
        'Bearer a',
        '=',
        'secret:\n',
        'SG.a',
        'pwd:: ',
      ),
      fc.string({ maxLength: 3 }),
      (seed, between) => {
        const unit = seed + between;
        const text = unit.repeat(Math.ceil(300_000 / unit.length));
        // A quadratic scan of this takes minutes; a linear one some 20 ms.
        assert.ok(work(text) < 5_000_000);
      },
    ),
    { numRuns: 40 },
  );
});

test('in the sources of this repository fewer than 1 line in 5 000 is touched', () => {
  const root = join(import.meta.dirname, '..', '..');
  let lines = 0;
  let count = 0;
  for (const name of readdirSync(root, { recursive: true, encoding: 'utf8' })) {
    // Tests about secrets hold some on purpose.
    if (!name.endsWith('.ts') || name.endsWith('.test.ts')) continue;
    const text = readFileSync(join(root, name), 'utf8');
    lines += text.split('\n').length;
    count += redactSecrets(text).count;
  }
  assert.ok(lines > 2000);
  assert.ok(count <= Math.max(1, lines / 5000), `${count} in ${lines} lines`);
});
