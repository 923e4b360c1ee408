import { readFileSync } from 'node:fs';
import { check } from '/work/main/test/conformance/compare.ts';
import { execute } from '/work/main/test/conformance/execute.ts';
import { fromExtendedJson, stringifyExtendedJson as S } from '/work/main/src/mql/index.ts';
const only=process.argv[2]; let right=0,refused:string[]=[],wrong=0;
for(const line of readFileSync('test/conformance/cases/mql.jsonl','utf8').trim().split('\n')){const c:any=fromExtendedJson(line); if(only&&!c.id.startsWith(only))continue;
 const o:any=execute(c); const why=check(c,o);
 if(why===null){right++;continue} if(o.refused){refused.push(c.id+' '+o.error);continue}
 wrong++; console.log(c.id,c.name,'\n  ',why,'\n   args',S(c.args),'\n   want',S(c.expect),'\n   got ',S(o.docs??o.value??null), S(o.collections.c));}
console.log({right,wrong,refused});
