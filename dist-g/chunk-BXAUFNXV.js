import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);
import{paragraphs}from"./chunk-CUOULU4D.js";import"./chunk-634LZBXD.js";function loadCode(text,name){let blocks=paragraphs(text.split(`
`),0,[]).map(block=>({...block,rows:!0}));return{title:name,text,metadata:{},blocks}}export{loadCode};
