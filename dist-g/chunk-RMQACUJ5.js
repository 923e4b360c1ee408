import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);
function rowText(columns,cells){return cells.flatMap((value,i)=>value===""?[]:[`${columns[i]||`column ${i+1}`}: ${value}`]).join("; ").replace(/\s*\n\s*/g," ")}export{rowText};
