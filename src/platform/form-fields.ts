/** What is wrong with a form as such. */
export class FormFault {
  constructor(
    readonly check: 'number of parameters' | 'names of parameters are plain',
    readonly got: string,
  ) {}
}

/** Forms have few fields, and what browsers and IdPs add of their own are few more. */
const MAX_FIELDS = 10;

/** The fields of a form, each with all its values. A body that is no text has none. */
export function readFormFields(body: unknown, most = MAX_FIELDS): ReadonlyMap<string, readonly string[]> | FormFault {
  const fields = new Map<string, string[]>();
  // Split before they are decoded, and only so many: a quarter of a megabyte holds a hundred thousand parameters.
  const parts = typeof body === 'string' ? body.split('&', most + 1) : [];
  if (parts.length > most) return new FormFault('number of parameters', `over ${most}`);
  for (const part of parts) {
    // Without the sign before it, a question mark at its beginning would be dropped.
    for (const [name, value] of new URLSearchParams(`&${part}`)) {
      if (/\p{Cc}/u.test(name)) return new FormFault('names of parameters are plain', name);
      fields.set(name, [...(fields.get(name) ?? []), value]);
    }
  }
  return fields;
}
