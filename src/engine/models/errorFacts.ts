import { HttpError } from './errors.ts';
import { field } from './json.ts';

/** What kept a request from arriving at all. */
export type SystemFault =
  | 'refused'
  | 'dns'
  | 'route'
  | 'connectTimeout'
  | 'reset'
  | 'certificate'
  | 'protocol'
  | 'address';

/** What an error says about itself, whichever package threw it. */
export interface Facts {
  readonly status: number | null;
  readonly headers: Headers | null;
  /** The server's error code or type, such as `context_length_exceeded`. */
  readonly code: string;
  /** The server's words, lower case. For matching only. */
  readonly text: string;
  readonly fault: SystemFault | null;
}

/** What an error says about itself. */
export function errorFacts(error: unknown): Facts {
  return factsOf(causes(error));
}

const longPrompt =
  /context_length_exceeded|context_window_exceeded|exceed_context_size|maximum context length|exceeds? (the |this )?(available |maximum |model'?s? )*context|context (length|window|size)[^.]{0,60}exceed|exceed[^.]{0,40}context (length|window|size)|(prompt|input|request)[^.]{0,40}(is |are )?too (long|large)|too many (input )?tokens|input length exceeds|max_model_len|prompt contains \d+ (input )?tokens|reduce the length of the (messages|prompt|input)/;

/** True when a prompt was refused because it is longer than the model reads. */
export function tooLong({ status, code, text }: Facts): boolean {
  if (status === 413) return true;
  const possible = status === null || status === 0 || status === 400 || status === 422 || status >= 500;
  return possible && longPrompt.test(`${code} ${text}`);
}

/** An error and what caused it, outermost first. */
export function causes(error: unknown): unknown[] {
  const chain: unknown[] = [];
  for (let one = error; one !== undefined && one !== null && chain.length < 8; one = field(one, 'cause')) {
    chain.push(one);
    const several = field(one, 'errors');
    if (Array.isArray(several)) chain.push(...several.slice(0, 4));
  }
  return chain;
}

/** What the chain of an error says, `causes` in. */
export function factsOf(chain: readonly unknown[]): Facts {
  const http = chain.find((one) => one instanceof HttpError);
  if (http) return { status: http.status, headers: http.headers, ...said(parsed(http.body)), fault: null };
  const api = chain.find((one) => typeof field(one, 'status') === 'number' || field(one, 'error') !== undefined);
  if (api !== undefined) {
    const status = field(api, 'status');
    const headers = field(api, 'headers');
    const { code, text } = said(field(api, 'error') ?? '');
    return {
      // An error inside a stream that began with 200 has no status of its own.
      status: typeof status === 'number' ? status : 0,
      headers: headers instanceof Headers ? headers : null,
      code,
      // The SDK puts a body that isn't JSON into the message.
      text: text === '' ? String(field(api, 'message') ?? '').toLowerCase() : text,
      fault: null,
    };
  }
  return { status: null, headers: null, code: '', text: '', fault: systemFault(chain) };
}

/** Code and words out of the shapes servers use: `{error:{code,type,message}}`, `{error:"…"}`, `{message}`, `{detail}`, text. */
function said(body: unknown): { code: string; text: string } {
  if (typeof body === 'string') return { code: '', text: body.slice(0, 2000).toLowerCase() };
  const inner = field(body, 'error');
  if (typeof inner === 'object' && inner !== null) return said(inner);
  const words = [inner, field(body, 'message'), field(body, 'detail'), field(body, 'msg')].find(
    (one) => typeof one === 'string',
  );
  const codes = [field(body, 'code'), field(body, 'type')].filter((one) => typeof one === 'string');
  return {
    code: codes.join(' ').toLowerCase(),
    text: typeof words === 'string' ? words.slice(0, 2000).toLowerCase() : '',
  };
}

function systemFault(chain: readonly unknown[]): SystemFault | null {
  for (const one of chain) {
    const code = field(one, 'code');
    if (typeof code === 'string') {
      const known = faultByCode[code];
      if (known) return known;
      if (/CERT|SELF_SIGNED|UNABLE_TO_(VERIFY|GET_ISSUER)/.test(code)) return 'certificate';
      if (/^ERR_SSL|^EPROTO/.test(code)) return 'protocol';
    }
    const message = String(field(one, 'message') ?? '');
    if (
      /failed to parse url|invalid url|includes credentials|bad port|url scheme must be|unknown scheme/i.test(message)
    )
      return 'address';
    if (/^terminated$|other side closed|premature close/i.test(message)) return 'reset';
  }
  return null;
}

const faultByCode: Readonly<Record<string, SystemFault>> = {
  ECONNREFUSED: 'refused',
  ENOTFOUND: 'dns',
  EAI_AGAIN: 'dns',
  EHOSTUNREACH: 'route',
  ENETUNREACH: 'route',
  EHOSTDOWN: 'route',
  EACCES: 'route',
  ETIMEDOUT: 'connectTimeout',
  UND_ERR_CONNECT_TIMEOUT: 'connectTimeout',
  ECONNRESET: 'reset',
  EPIPE: 'reset',
  UND_ERR_SOCKET: 'reset',
  HPE_INVALID_CONSTANT: 'protocol',
  HPE_INVALID_VERSION: 'protocol',
  ERR_INVALID_URL: 'address',
};

function parsed(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return body;
  }
}
