/** A transformation of text that arrives in pieces. */
export interface TextFilter {
  push(text: string): string;
  /** What was held back, at the end. */
  flush(): string;
  /** True once nothing more will come out: the rest of the answer needn't be read. */
  readonly done?: boolean;
}

/** Length of the longest proper beginning of `needle` that `text` ends with. */
export function openEnd(text: string, needle: string): number {
  for (let length = Math.min(text.length, needle.length - 1); length > 0; length--) {
    if (text.endsWith(needle.slice(0, length))) return length;
  }
  return 0;
}

/** Ends the text before the first of `stops`, for servers that ignore the parameter or cap its length. */
export function untilStop(stops: readonly string[]): TextFilter {
  const wanted = stops.filter((stop) => stop !== '');
  let held = '';
  let done = false;
  return {
    push(text) {
      if (done) return '';
      held += text;
      const at = Math.min(...wanted.map((stop) => held.indexOf(stop)).filter((index) => index >= 0));
      if (at !== Number.POSITIVE_INFINITY) {
        const rest = held.slice(0, at);
        held = '';
        done = true;
        return rest;
      }
      const keep = wanted.reduce((length, stop) => Math.max(length, openEnd(held, stop)), 0);
      const out = held.slice(0, held.length - keep);
      held = held.slice(held.length - keep);
      return out;
    },
    flush() {
      const rest = held;
      held = '';
      return rest;
    },
    get done() {
      return done;
    },
  };
}

/** Drops a leading `<think>…</think>`, which reasoning models without a field of their own write into the answer. */
export function withoutThinking(): TextFilter {
  const start = '<think>';
  const end = '</think>';
  let state: 'start' | 'thinking' | 'blank' | 'answer' = 'start';
  let held = '';
  const pass = (): string => {
    const text = held;
    held = '';
    state = 'answer';
    return text;
  };
  return {
    push(text) {
      if (state === 'answer') return text;
      held += text;
      if (state === 'start') {
        const lead = held.trimStart();
        if (lead.length < start.length && start.startsWith(lead)) return '';
        if (!lead.startsWith(start)) return pass();
        state = 'thinking';
      }
      if (state === 'thinking') {
        const at = held.indexOf(end);
        if (at < 0) return '';
        held = held.slice(at + end.length);
        state = 'blank';
      }
      // Blank lines between thought and answer belong to neither; the indentation of the answer stays.
      held = held.replace(/^\s*\n/, '');
      return held.trim() === '' ? '' : pass();
    },
    flush() {
      const rest = state === 'start' ? held : '';
      held = '';
      return rest;
    },
  };
}

/** Filters one after another. */
export function piped(filters: readonly TextFilter[]): TextFilter {
  return {
    push: (text) => filters.reduce((passed, filter) => filter.push(passed), text),
    flush: () => filters.reduce((passed, filter) => filter.push(passed) + filter.flush(), ''),
    get done() {
      return filters.some((filter) => filter.done === true);
    },
  };
}
