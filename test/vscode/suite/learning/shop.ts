/** Thirty functions of a shop and what three developers would make of each: code to rate, in many files. */

/** One function, and the ways to write its body that a model offers. */
export interface Task {
  /** Path in the workspace. */
  readonly file: string;
  readonly source: string;
  /** What is selected; it stands once in `source`. */
  readonly before: string;
  readonly styles: Readonly<Record<Style, string>>;
}

/** `guard`: leaves early. `nested`: everything inside if and else. `chatty`: a comment for each line. */
export const styles = ['nested', 'chatty', 'guard'] as const;
export type Style = (typeof styles)[number];

interface Noun {
  readonly type: string;
  readonly many: string;
  readonly amount: string;
  readonly label: string;
}

const nouns: readonly Noun[] = [
  { type: 'Order', many: 'lines', amount: 'price', label: 'reference' },
  { type: 'Invoice', many: 'positions', amount: 'net', label: 'number' },
  { type: 'Customer', many: 'purchases', amount: 'value', label: 'email' },
  { type: 'Product', many: 'variants', amount: 'stock', label: 'sku' },
  { type: 'Cart', many: 'entries', amount: 'cost', label: 'session' },
  { type: 'Shipment', many: 'parcels', amount: 'weight', label: 'tracking' },
  { type: 'Coupon', many: 'uses', amount: 'discount', label: 'code' },
  { type: 'Payment', many: 'captures', amount: 'sum', label: 'receipt' },
  { type: 'Supplier', many: 'deliveries', amount: 'volume', label: 'account' },
  { type: 'Warehouse', many: 'shelves', amount: 'capacity', label: 'site' },
];

function totals({ type, many, amount }: Noun): Task {
  const one = type.toLowerCase();
  const before = `  let result = 0;
  for (const entry of ${one}.${many}) {
    result = result + entry.${amount};
  }
  return result;`;
  return {
    file: `src/shop/${one}Total.ts`,
    source: `import type { ${type} } from './${one}.js';\n\nexport function totalOf${type}(${one}: ${type}): number {\n${before}\n}\n`,
    before,
    styles: {
      guard: `  if (${one}.${many}.length === 0) return 0;
  return ${one}.${many}.reduce((sum, { ${amount} }) => sum + ${amount}, 0);`,
      nested: `  let total = 0;
  if (${one}.${many}.length > 0) {
    for (const entry of ${one}.${many}) {
      if (entry.${amount} > 0) {
        total = total + entry.${amount};
      }
    }
  } else {
    total = 0;
  }
  return total;`,
      chatty: `  // Start with a total of zero
  let total = 0;
  // Loop over all ${many}
  for (const entry of ${one}.${many}) {
    // Add the ${amount} to the total
    total += entry.${amount};
  }
  // Return the total
  return total;`,
    },
  };
}

function labels({ type, label }: Noun): Task {
  const one = type.toLowerCase();
  const before = `  const text = ${one}.${label};
  return text ? text.trim() : 'none';`;
  return {
    file: `src/shop/${one}Label.ts`,
    source: `import type { ${type} } from './${one}.js';\n\nexport function labelOf${type}(${one}: ${type}): string {\n${before}\n}\n`,
    before,
    styles: {
      guard: `  if (!${one}.${label}) return 'none';
  return ${one}.${label}.trim();`,
      nested: `  let text = '';
  if (${one}.${label}) {
    if (${one}.${label}.trim() !== '') {
      text = ${one}.${label}.trim();
    } else {
      text = 'none';
    }
  } else {
    text = 'none';
  }
  return text;`,
      chatty: `  // Get the ${label} of the ${one}
  const text = ${one}.${label};
  // Check whether there is a ${label}
  // and return it without white space
  return text ? text.trim() : 'none';`,
    },
  };
}

function finders({ type, many, label }: Noun): Task {
  const one = type.toLowerCase();
  const before = `  const found = all.filter((${one}) => ${one}.${label} === ${label});
  return found.length ? found[0].${many} : [];`;
  return {
    file: `src/shop/find${type}.ts`,
    source: `import type { ${type} } from './${one}.js';\n\nexport function ${many}Of(all: ${type}[], ${label}: string): ${type}['${many}'] {\n${before}\n}\n`,
    before,
    styles: {
      guard: `  const ${one} = all.find((one) => one.${label} === ${label});
  if (!${one}) return [];
  return ${one}.${many};`,
      nested: `  let result: ${type}['${many}'] = [];
  for (const ${one} of all) {
    if (${one}.${label} === ${label}) {
      if (result.length === 0) {
        result = ${one}.${many};
      }
    }
  }
  return result;`,
      chatty: `  // Find the ${one} by its ${label}
  const found = all.find((one) => one.${label} === ${label});
  // Return its ${many}, or nothing if there is no such ${one}
  return found ? found.${many} : [];`,
    },
  };
}

/** Thirty, in thirty files. */
export const tasks: readonly Task[] = nouns.flatMap((noun) => [totals(noun), labels(noun), finders(noun)]);

/** One more, of a noun nothing was rated about. */
export const unseen: Task = totals({ type: 'Refund', many: 'items', amount: 'value', label: 'reason' });
