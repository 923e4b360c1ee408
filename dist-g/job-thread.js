import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);
import{createJobThread}from"./chunk-5SHGOTUH.js";import"./chunk-DEUOTE2T.js";import"./chunk-RWKN3C35.js";import"./chunk-634LZBXD.js";export{createJobThread};
