/** The types that declared columns have. `numeric` is PostgreSQL's numeric without precision: any scale, exact. */
export type ColumnType =
  | { readonly kind: 'integer' }
  | { readonly kind: 'text' }
  | { readonly kind: 'boolean' }
  | { readonly kind: 'date' }
  | { readonly kind: 'time' }
  | { readonly kind: 'timestamp' }
  | { readonly kind: 'numeric' }
  | { readonly kind: 'decimal'; readonly precision: number; readonly scale: number };

export type Kind = ColumnType['kind'];

export const integer = { kind: 'integer' } as const;
export const text = { kind: 'text' } as const;
export const boolean = { kind: 'boolean' } as const;
export const date = { kind: 'date' } as const;
/** Time of day in microseconds. */
export const time = { kind: 'time' } as const;
/** Date and time without zone, in microseconds. */
export const timestamp = { kind: 'timestamp' } as const;
export const numeric = { kind: 'numeric' } as const;
export const decimal = (precision: number, scale: number) => ({ kind: 'decimal', precision, scale }) as const;

/** The type as PostgreSQL's DDL writes it. */
export function sqlType(type: ColumnType): string {
  switch (type.kind) {
    case 'timestamp':
      return 'timestamp without time zone';
    case 'time':
      return 'time without time zone';
    case 'decimal':
      return `numeric(${type.precision},${type.scale})`;
    default:
      return type.kind;
  }
}
