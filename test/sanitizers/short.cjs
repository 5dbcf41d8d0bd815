const { StreamSocket, ServerSocket } = require('../../dist/index.js');
const server = new ServerSocket('127.0.0.1:0');
const client = new StreamSocket(server.address());
const accepted = server.acceptConnection();
client.sendBytes('abc');
accepted.receiveBytes(Buffer.alloc(3));
