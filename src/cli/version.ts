import { readFileSync } from 'node:fs';

/** Filled in when the program is bundled, which has no package.json to read beside it. */
declare const KUBED_SYNC_VERSION: string | undefined;

/** The version of the package. */
export function version(): string {
  if (typeof KUBED_SYNC_VERSION === 'string') return KUBED_SYNC_VERSION;
  return fromPackage('../../package.json') ?? fromPackage('../../../package.json') ?? 'unknown';
}

/** The source stands two folders below package.json, its compiled form in dist/ three. */
function fromPackage(path: string): string | undefined {
  try {
    const found: unknown = JSON.parse(readFileSync(new URL(path, import.meta.url), 'utf8'));
    const isPackage = typeof found === 'object' && found !== null && 'version' in found;
    return isPackage && typeof found.version === 'string' ? found.version : undefined;
  } catch {
    return undefined;
  }
}
