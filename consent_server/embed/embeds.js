function n(n,o,t){}export{n as show};
