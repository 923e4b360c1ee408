import { collationSupport, refused, support, supportLimits } from '../../src/mql/index.ts';
import { table } from './table.ts';

const KINDS = [
  ['Query operators', support.query],
  ['Projection operators of `find`', support.projection],
  ['Stages', support.stages],
  ['Stages that write', support.writes],
  ['Expression operators', support.expressions],
  ['Accumulators of `$group`, `$bucket`, `$bucketAuto`', support.accumulators],
  ['Functions of `$setWindowFields`', support.windows],
  ['Update operators', support.update],
] as const;

const REFUSED = [
  ['query operator', refused.query],
  ['stage', refused.stages],
  ['expression operator', refused.expressions],
  ['accumulator', refused.accumulators],
] as const;

const code = (name: string): string => `\`${name}\``;
/** A sentence of its own in a cell. */
const sentence = (text: string): string => (text === '' ? '' : `${text[0]?.toUpperCase()}${text.slice(1)}.`);

/** What MongoDB 8.2 does that 8.0 does not, as far as answers show it. */
const newest =
  'all digits of `$toString` and six of doubles in other string operators, `%j` of `$dateFromString` counted from 0, digits of a text cut after the 34th in `$toDecimal`';

/** docs/mongodb.md: what the embedded store has of MongoDB 8's language, read from the engine's tables. */
export function mongodbSupport(): string {
  const supported = KINDS.map(([kind, names]) => [kind, String(names.length), names.map(code).join(' ')]);
  const missing = REFUSED.flatMap(([kind, names]) =>
    Object.entries(names).map(([name, hint]) => [code(name), kind, sentence(hint)]),
  );
  return `<!-- Generated from the code by \`npm run docs\`: do not edit. -->
# MongoDB's language on the embedded store

Queries, projections, updates and aggregations mean what they mean on MongoDB 8, on all BSON types; where 8.0 and 8.2
differ, as on 8.2 (${newest}). What is not
there is refused by its name, never answered approximately. On a MongoDB server the server answers, so everything
that server has is there, but for what a tool that reads never lets through: stages that write (\`$out\`,
\`$merge\`) and JavaScript (\`$where\`, \`$function\`, \`$accumulator\`).

## Supported

${table(['What', 'Count', 'Names'], supported)}

Collation: ${collationSupport}.

Pipelines that end with \`$out\` or \`$merge\` are writes. Stages that hold documents (\`$group\`, \`$sort\`, \`$lookup\`,
\`$facet\`, \`$bucketAuto\`, \`$setWindowFields\`, \`$push\` and its kin) may use 100 MiB and are refused beyond, as
MongoDB does without disk use.

## Refused by name

${table(['Name', 'Kind', 'Instead'], missing)}

Forms of supported operators that are refused:

${supportLimits.map(({ what }) => `- ${what}`).join('\n')}

Not as on a server:

- \`$out\` and \`$merge\` write all or nothing, where MongoDB keeps what it wrote before an error.
- \`_id\`s that are binary data of the old subtype 2 sort by the length of their data, without the four bytes that MongoDB
  counts.
- An import stores \`Timestamp(0, 0)\` as it is, where a server puts the time.
- \`$exp\`, \`$ln\`, \`$log\`, \`$log10\` and \`$sigmoid\` of decimals are rounded where MongoDB's library rounds, and \`$pow\` once;
  where that library is off by one in its last digit, the result is not.
- \`$$NOW\` has a value in a count and in distinct values, too.
- A collection that does not exist is an error with the near names, also in \`$lookup\`, \`$unionWith\` and
  \`$graphLookup\`, where MongoDB takes it for an empty one.
- Fields named by whole numbers (\`"2024"\`) come first in a document that was read and changed, in ascending order:
  JavaScript's objects keep no other.

## Checked by

\`npm run conformance -- test/conformance/cases/mql.jsonl\` runs the case file through the store
(\`--indexes\`: with indexes on the queried fields; \`--pages\`: in pages; \`--url mongodb://…\`: on a server).
`;
}
