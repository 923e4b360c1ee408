import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);
import{loadText,paragraphs}from"./chunk-CUOULU4D.js";import"./chunk-634LZBXD.js";export{loadText,paragraphs};
