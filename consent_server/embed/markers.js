function n(n,c){}async function c(n){}export{c as carryOver,n as translate};
