import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);
function paragraphs(lines,offset,heading){let blocks=[],first=-1;for(let i=0;i<=lines.length;i++){let blank=(lines[i]??"").trim()==="";if(!blank&&first<0&&(first=i),blank&&first>=0){let text=lines.slice(first,i).join(`
`).trimEnd();blocks.push({heading,lines:[offset+first+1,offset+i],text}),first=-1}}return blocks}function loadText(text,name){return{title:name,text,metadata:{},blocks:paragraphs(text.split(`
`),0,[])}}export{paragraphs,loadText};
