import type { FieldDifference } from '../../model/objects.ts';

/** The name of a field as reports write it: `data.KEY`, `labels.KEY`, `type` (design section 6). */
export function fieldName(field: FieldDifference): string {
  return field.key === undefined ? field.part : `${field.part}.${field.key}`;
}

/** A field with what the write does to it: `+` sets one that was not there, `-` removes one. */
export function fieldWithSign(field: FieldDifference): string {
  const sign = { add: '+', remove: '-', change: '' }[field.op];
  return `${sign}${fieldName(field)}`;
}

/** Whether it is one of our own marks (design section 2): those change with every source and tell a reader nothing. */
export function isMark(field: FieldDifference): boolean {
  if (field.part !== 'labels' && field.part !== 'annotations') return false;
  const key = field.key ?? '';
  return key.startsWith('kubed.appscode.com/') || key === 'app.kubernetes.io/managed-by';
}
