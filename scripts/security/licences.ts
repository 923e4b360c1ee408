import type { Outcome } from './outcome.ts';
import type { ShippedPackage } from './shipped.ts';

/** They ask for no more than that their text is kept. */
const permissive = new Set([
  '0BSD',
  'Apache-2.0',
  'BSD-2-Clause',
  'BSD-3-Clause',
  'BlueOak-1.0.0',
  'CC0-1.0',
  'ISC',
  'MIT',
  'MIT-0',
  'Python-2.0',
  'Unlicense',
  'Zlib',
]);

/** Whether an SPDX expression without further brackets can be met by permissive licences alone. */
function isPermissive(expression: string): boolean {
  const choices = expression.replace(/^\((.*)\)$/, '$1').split(/ OR /i);
  return choices.some((choice) => choice.split(/ AND /i).every((one) => permissive.has(one.trim())));
}

/** Every package that ships has a permissive licence, and every one in the bundle its text with it. */
export function checkLicences(shipped: readonly ShippedPackage[]): Outcome {
  const failures = shipped.flatMap(({ name, version, licence, place, text }) => {
    const what = `${name} ${version} (${place})`;
    if (!isPermissive(licence)) {
      return [`${what} has the licence "${licence || 'none'}", which is not one of those that may ship`];
    }
    return place === 'bundled' && !text ? [`${what}: its licence has no text in the notices`] : [];
  });
  return { failures, warnings: [], summary: `${shipped.length} packages that ship` };
}
