import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);
function megabytes(bytes){return`${(bytes/1e6).toFixed(1)} MB`}function tooMuchText(length){return`too much text for one document (${length===void 0?"more than":`${megabytes(length)}; the limit is`} ${megabytes(1e7)}): divide the file`}export{megabytes,tooMuchText};
