async function n(n){}export{n as tell};
