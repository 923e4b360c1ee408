/** A message that asks too much of a server: built when it is sent, so that one at a time takes memory here. */
export interface HostileMessage {
  readonly name: string;
  /** `bytes` is about how large the whole message may be. */
  readonly params: (bytes: number) => { readonly method: string; readonly params: string };
}

const collection = 'technologies';
/** What an HTTP body and the JSON-RPC message around the arguments leave room for. */
const envelope = 400;

/** As many times `one` as fit, as JSON of a list. */
function listOf(one: string | ((i: number) => string), bytes: number): string {
  const parts: string[] = [];
  for (let i = 0, left = bytes - 2; ; i++) {
    const part = typeof one === 'string' ? one : one(i);
    left -= part.length + 1;
    if (left < 0) break;
    parts.push(part);
  }
  return `[${parts.join(',')}]`;
}

/** As many members as fit, as JSON of an object. */
const objectOf = (member: (i: number) => string, bytes: number): string =>
  `{${listOf(member, bytes).slice(1, -1)}}`;

/** A value nested so deep, as JSON. */
const nested = (open: string, inner: string, close: string, levels: number): string =>
  `${open.repeat(levels)}${inner}${close.repeat(levels)}`;

/** A call of a tool; `args` gives the JSON of its arguments. */
function call(name: string, tool: string, args: (bytes: number) => string): HostileMessage {
  return {
    name: `${tool}: ${name}`,
    params: (bytes) => ({
      method: 'tools/call',
      params: `{"name":"${tool}","arguments":${args(bytes - envelope)}}`,
    }),
  };
}

const filtering = (name: string, filter: (bytes: number) => string): HostileMessage =>
  call(name, 'count', (bytes) => `{"collection":"${collection}","filter":${filter(bytes)}}`);
const aggregating = (name: string, pipeline: (bytes: number) => string): HostileMessage =>
  call(name, 'aggregate', (bytes) => `{"collection":"${collection}","pipeline":${pipeline(bytes)}}`);
const inserting = (name: string, documents: (bytes: number) => string): HostileMessage =>
  call(name, 'insert', (bytes) => `{"collection":"hostile","documents":${documents(bytes)}}`);
const updating = (name: string, update: (bytes: number) => string): HostileMessage =>
  call(name, 'update', (bytes) => `{"collection":"hostile","filter":{},"update":${update(bytes)}}`);
const text = (bytes: number, letter = 'x'): string => `"${letter.repeat(bytes)}"`;

const filters: readonly HostileMessage[] = [
  filtering('$in of numbers', (bytes) => `{"value":{"$in":${listOf(String, bytes)}}}`),
  filtering('$in of ones', (bytes) => `{"value":{"$in":${listOf('1', bytes)}}}`),
  filtering('$in of empty objects', (bytes) => `{"value":{"$in":${listOf('{}', bytes)}}}`),
  filtering('$in of ids', (bytes) => {
    const id = (i: number): string => `{"$oid":"${String(i).padStart(24, '0')}"}`;
    return `{"_id":{"$in":${listOf(id, bytes)}}}`;
  }),
  filtering('$in of decimals', (bytes) => {
    return `{"value":{"$in":${listOf((i) => `{"$numberDecimal":"${i}.5"}`, bytes)}}}`;
  }),
  filtering('$in of regular expressions', (bytes) => {
    return `{"source":{"$in":${listOf((i) => `{"$regularExpression":{"pattern":"a${i}","options":"i"}}`, bytes)}}}`;
  }),
  filtering('$or of conditions', (bytes) => `{"$or":${listOf((i) => `{"value":${i}}`, bytes)}}`),
  filtering('$and of conditions', (bytes) => `{"$and":${listOf((i) => `{"value":{"$ne":${i}}}`, bytes)}}`),
  filtering('$nor of empty conditions', (bytes) => `{"$nor":${listOf('{}', bytes)}}`),
  filtering('many fields', (bytes) => objectOf((i) => `"f${i}":{"$ne":1}`, bytes)),
  filtering('many unknown operators', (bytes) => `{"value":${objectOf((i) => `"$o${i}":1`, bytes)}}`),
  filtering('a path of a million parts', (bytes) => `{"${'a.'.repeat(bytes / 2 - 20)}a":1}`),
  filtering('many long paths', (bytes) => objectOf((i) => `"p${i}${'.a'.repeat(200)}":1`, bytes)),
  filtering('a long regular expression', (bytes) => `{"source":{"$regex":${text(bytes - 50)}}}`),
  filtering('a regular expression of 32,000 choices', () => `{"source":{"$regex":"${'a|'.repeat(16_000)}"}}`),
  filtering(
    'a regular expression that counts',
    () => `{"source":{"$regex":"(((a{1,99}){1,99}){1,99}){1,99}$"}}`,
  ),
  filtering('many long regular expressions', (bytes) => {
    return `{"$or":${listOf((i) => `{"source":{"$regex":"${i}${'(a|b)'.repeat(6_000)}"}}`, bytes)}}`;
  }),
  filtering('$expr of $and', (bytes) => `{"$expr":{"$and":${listOf('{"$eq":["$value",1]}', bytes)}}}`),
  filtering('$expr, nested deep', () => `{"$expr":${nested('{"$not":[', '1', ']}', 3_000)}}`),
  filtering('nested a hundred deep and wide', (bytes) => {
    return `{"$or":${listOf(nested('{"$and":[', '{}', ']}', 45), bytes)}}`;
  }),
  filtering('$jsonSchema', (bytes) => {
    const properties = objectOf((i) => `"f${i}":{"bsonType":"int","minimum":${i}}`, bytes - 60);
    return `{"$jsonSchema":{"properties":${properties}}}`;
  }),
  filtering('$geoWithin with a long line', (bytes) => {
    const ring = listOf((i) => `[${i % 170},${i % 80}]`, bytes - 100);
    return `{"place":{"$geoWithin":{"$geometry":{"type":"Polygon","coordinates":[${ring}]}}}}`;
  }),
  filtering('text of megabytes', (bytes) => `{"source":${text(bytes - 20)}}`),
  filtering('text of three-byte letters', (bytes) => `{"source":${text(bytes / 3 - 20, '水')}}`),
  filtering('text of escapes', (bytes) => `{"source":${text(bytes / 6 - 20, '\\u0001')}}`),
];

const pipelines: readonly HostileMessage[] = [
  aggregating('ten thousand stages', () => listOf('{"$match":{"value":{"$gt":1}}}', 310_000)),
  aggregating('many stages', (bytes) => listOf('{"$limit":9}', bytes)),
  aggregating('many $sort', (bytes) => listOf('{"$sort":{"value":1}}', bytes)),
  aggregating('many $set', (bytes) => listOf((i) => `{"$set":{"f${i}":"$value"}}`, bytes)),
  aggregating('many $lookup', () => {
    return listOf(
      '{"$lookup":{"from":"technologies","localField":"a","foreignField":"b","as":"c"}}',
      100_000,
    );
  }),
  aggregating('empty stages', (bytes) => listOf('{}', bytes)),
  aggregating('numbers for stages', (bytes) => listOf('1', bytes)),
  aggregating('many wrong stages', (bytes) => listOf((i) => `{"$s${i}":1}`, bytes)),
  aggregating('a literal list', (bytes) => `[{"$project":{"a":{"$literal":${listOf('1', bytes - 60)}}}}]`),
  aggregating('a list of expressions', (bytes) => `[{"$project":{"a":${listOf('"$value"', bytes - 60)}}}]`),
  aggregating(
    'many computed fields',
    (bytes) => `[{"$project":${objectOf((i) => `"f${i}":"$value"`, bytes - 60)}}]`,
  ),
  aggregating('many accumulators', (bytes) => {
    return `[{"$group":{"_id":null,${objectOf((i) => `"f${i}":{"$sum":1}`, bytes - 60).slice(1)}}]`;
  }),
  aggregating('$facet with many pipelines', (bytes) => {
    return `[{"$facet":${objectOf((i) => `"f${i}":[{"$limit":1}]`, bytes - 60)}}]`;
  }),
  aggregating('$switch with many branches', (bytes) => {
    const branches = listOf((i) => `{"case":{"$eq":["$value",${i}]},"then":${i}}`, bytes - 100);
    return `[{"$project":{"a":{"$switch":{"branches":${branches},"default":0}}}}]`;
  }),
  aggregating(
    '$concat of many',
    (bytes) => `[{"$project":{"a":{"$concat":${listOf('"$source"', bytes - 60)}}}}]`,
  ),
  aggregating('$range of ten million', () => '[{"$project":{"a":{"$range":[0,10000000]}}}]'),
  aggregating('$range in $range', () => {
    return '[{"$project":{"a":{"$map":{"input":{"$range":[0,10000]},"in":{"$range":[0,10000]}}}}}]';
  }),
  aggregating('a text that doubles', () => {
    const doubled = '{"$concat":["$$value","$$value"]}';
    return `[{"$project":{"a":{"$reduce":{"input":{"$range":[0,40]},"initialValue":"$source","in":${doubled}}}}}]`;
  }),
  aggregating('documents that multiply', () => {
    const join = '{"$lookup":{"from":"technologies","pipeline":[],"as":"a"}},{"$unwind":"$a"}';
    return `[${join},${join},{"$group":{"_id":"$a.source","all":{"$push":"$$ROOT"}}}]`;
  }),
  aggregating('$documents', (bytes) => `[{"$documents":${listOf('{"a":1}', bytes - 40)}}]`),
  aggregating('$bucket with many boundaries', (bytes) => {
    return `[{"$bucket":{"groupBy":"$value","default":-1,"boundaries":${listOf(String, bytes - 100)}}}]`;
  }),
];

const changes: readonly HostileMessage[] = [
  inserting('one document of megabytes', (bytes) => `[{"a":${text(bytes - 100)}}]`),
  inserting('a list of ones', (bytes) => `[{"a":${listOf('1', bytes - 100)}}]`),
  inserting('a list of empty objects', (bytes) => `[{"a":${listOf('{}', bytes - 100)}}]`),
  inserting('many fields', (bytes) => `[${objectOf((i) => `"f${i}":1`, bytes - 100)}]`),
  inserting('many empty documents', (bytes) => listOf('{}', bytes - 100)),
  inserting('numbers for documents', (bytes) => listOf('1', bytes - 100)),
  inserting('a thousand documents', (bytes) => {
    const size = Math.floor((bytes - 100) / 1_000) - 20;
    return listOf(`{"a":${text(size)}}`, bytes - 100);
  }),
  inserting('a document nested deep', () => `[${nested('{"a":', '1', '}', 5_000)}]`),
  inserting('lists nested deep', () => `[{"a":${nested('[', '', ']', 5_000)}}]`),
  inserting('many documents nested deep', (bytes) => listOf(nested('{"a":', '1', '}', 90), bytes - 100)),
  updating('$set of many fields', (bytes) => `{"$set":${objectOf((i) => `"f${i}":1`, bytes - 100)}}`),
  updating(
    '$set of long paths',
    (bytes) => `{"$set":${objectOf((i) => `"p${i}${'.a'.repeat(90)}":1`, bytes - 100)}}`,
  ),
  updating('$push of many', (bytes) => `{"$push":{"many":{"$each":${listOf('1', bytes - 100)}}}}`),
  updating('many operators', (bytes) => objectOf((i) => `"$o${i}":{"a":1}`, bytes)),
  updating('a pipeline of many stages', (bytes) => listOf((i) => `{"$set":{"a":${i}}}`, bytes - 100)),
  call('many array filters', 'update', (bytes) => {
    const filters = listOf((i) => `{"f${i}":1}`, bytes - 100);
    return `{"collection":"hostile","filter":{},"update":{"$set":{"a.$[f0]":1}},"array_filters":${filters}}`;
  }),
  call('$in of numbers', 'delete', (bytes) => {
    return `{"collection":"hostile","filter":{"n":{"$in":${listOf(String, bytes - 100)}}}}`;
  }),
  call('many keys', 'create_index', (bytes) => {
    return `{"collection":"hostile","key":${objectOf((i) => `"f${i}":1`, bytes - 100)}}`;
  }),
  call(
    'text of two million characters',
    'add_document',
    () => `{"name":"hostile","text":${text(2_000_000, 'word ').slice(0, 2_000_000)}"}`,
  ),
  call('a text of different words', 'add_document', () => {
    const words = Array.from({ length: 240_000 }, (_, i) => i.toString(36).padStart(7, 'w')).join(' ');
    return `{"name":"hostile","text":"${words.slice(0, 1_900_000)}"}`;
  }),
  call('text of megabytes', 'add_document', (bytes) => `{"name":"hostile","text":${text(bytes - 100)}}`),
  call('metadata of many fields', 'add_document', (bytes) => {
    return `{"name":"hostile","text":"a","metadata":${objectOf((i) => `"f${i}":1`, bytes - 100)}}`;
  }),
];

const others: readonly HostileMessage[] = [
  call('a question of megabytes', 'search', (bytes) => `{"query":${text(bytes - 50)}}`),
  call('a question of spaces', 'search', (bytes) => `{"query":${text(bytes - 50, ' ')}}`),
  call('a filter of $or', 'search', (bytes) => {
    return `{"query":"water","filter":{"$or":${listOf((i) => `{"title":"${i}"}`, bytes - 80)}}}`;
  }),
  call('many unknown arguments', 'search', (bytes) => objectOf((i) => `"f${i}":1`, bytes)),
  call('an unknown argument of megabytes', 'search', (bytes) => `{${text(bytes - 20)}:1}`),
  call('a list for the arguments', 'search', (bytes) => listOf('1', bytes)),
  call('an id of megabytes', 'get_document', (bytes) => `{"id":${text(bytes - 50)}}`),
  call('a projection of many fields', 'find', (bytes) => {
    return `{"collection":"${collection}","projection":${objectOf((i) => `"f${i}":1`, bytes - 100)}}`;
  }),
  call('a projection of a million parts', 'find', (bytes) => {
    return `{"collection":"${collection}","projection":{"${'a.'.repeat(bytes / 2 - 50)}a":1}}`;
  }),
  call('a sort by many fields', 'find', (bytes) => {
    return `{"collection":"${collection}","sort":${objectOf((i) => `"f${i}":1`, bytes - 100)}}`;
  }),
  call(
    'a cursor of megabytes',
    'find',
    (bytes) => `{"collection":"${collection}","cursor":${text(bytes - 80)}}`,
  ),
  call('a key of a million parts', 'distinct', (bytes) => {
    return `{"collection":"${collection}","key":"${'a.'.repeat(bytes / 2 - 50)}a"}`;
  }),
  call('many CSV columns', 'export', (bytes) => {
    return `{"collection":"${collection}","format":"csv","fields":${listOf((i) => `"f${i}"`, bytes - 100)}}`;
  }),
  call('empty names for columns', 'export', (bytes) => {
    return `{"collection":"${collection}","format":"csv","fields":${listOf('""', bytes - 100)}}`;
  }),
  call('many paths', 'ingest', (bytes) => `{"paths":${listOf((i) => `"/p${i}"`, bytes - 50)}}`),
  call('empty paths', 'ingest', (bytes) => `{"paths":${listOf('""', bytes - 50)}}`),
  call('input of many fields', 'run_workflow', (bytes) => {
    return `{"workflow":"reading-list","input":${objectOf((i) => `"f${i}":1`, bytes - 100)}}`;
  }),
  call('a list of many questions', 'run_workflow', (bytes) => {
    return `{"workflow":"reading-list","input":{"questions":${listOf('""', bytes - 100)}}}`;
  }),
  call('a workflow name of megabytes', 'run_workflow', (bytes) => `{"workflow":${text(bytes - 50)}}`),
  {
    name: 'no such tool of megabytes',
    params: (bytes) => ({
      method: 'tools/call',
      params: `{"name":${text(bytes - envelope)},"arguments":{}}`,
    }),
  },
  {
    name: 'no such method of megabytes',
    params: (bytes) => ({ method: 'x'.repeat(bytes - envelope), params: '{}' }),
  },
  {
    name: 'a resource of megabytes',
    params: (bytes) => ({
      method: 'resources/read',
      params: `{"uri":"hydrogen://documents/${'x'.repeat(bytes - envelope)}"}`,
    }),
  },
  {
    name: 'a prompt of megabytes',
    params: (bytes) => ({
      method: 'prompts/get',
      params: `{"name":"brief","arguments":{"topic":${text(bytes - envelope)}}}`,
    }),
  },
  {
    name: 'many prompt arguments',
    params: (bytes) => ({
      method: 'prompts/get',
      params: `{"name":"brief","arguments":${objectOf((i) => `"f${i}":1`, bytes - envelope)}}`,
    }),
  },
  {
    name: 'a completion of megabytes',
    params: (bytes) => ({
      method: 'completion/complete',
      params: `{"ref":{"type":"ref/prompt","name":"brief"},"argument":{"name":"topic","value":${text(bytes - envelope)}}}`,
    }),
  },
  {
    name: 'a completion with many values that are chosen',
    params: (bytes) => ({
      method: 'completion/complete',
      params: `{"ref":{"type":"ref/prompt","name":"brief"},"argument":{"name":"topic","value":""},"context":{"arguments":${objectOf((i) => `"f${i}":""`, bytes - envelope)}}}`,
    }),
  },
  {
    name: 'many unknown params',
    params: (bytes) => ({ method: 'tools/list', params: objectOf((i) => `"f${i}":1`, bytes - envelope) }),
  },
  {
    name: 'params of many numbers',
    params: (bytes) => ({
      method: 'tools/list',
      params: `{"cursor":"x","_meta":{"a":${listOf('1', bytes - envelope)}}}`,
    }),
  },
  {
    name: 'params nested deep',
    params: () => ({ method: 'tools/list', params: `{"_meta":{"a":${nested('[', '', ']', 5_000)}}}` }),
  },
];

export const hostileMessages: readonly HostileMessage[] = [...filters, ...pipelines, ...changes, ...others];
