// Run by mongosh, as often as one likes: makes the replica set of one member, and the users with the least that they
// need. Not with the shell's own helpers but with server commands, so that it does the same in every version.
const fs = require('node:fs');

const secret = (name) => fs.readFileSync(`/run/secrets/${name}`, 'utf8').trim();
const member = process.env.MONGO_MEMBER || 'mongo:27017';
const database = process.env.MONGO_DATABASE || 'conclave';

const rootPassword = encodeURIComponent(secret('mongo-root-password'));
const connection = new Mongo(
  `mongodb://root:${rootPassword}@${member}/?authSource=admin&directConnection=true`,
);
const admin = connection.getDB('admin');

const set = { _id: 'conclave', members: [{ _id: 0, host: member }] };
const ALREADY_INITIALIZED = 23;
try {
  admin.runCommand({ replSetInitiate: set });
} catch (error) {
  if (error.code !== ALREADY_INITIALIZED) throw error;
}
const deadlineMs = Date.now() + 60_000;
while (!admin.runCommand({ hello: 1 }).isWritablePrimary) {
  if (Date.now() > deadlineMs) throw new Error('no primary after a minute');
  sleep(250);
}

// What a gateway does: reads and writes documents, and makes its collections and indexes when it starts. It never drops
// anything, changes no options, and sees no other database.
const actions = ['find', 'insert', 'update', 'remove', 'createCollection', 'createIndex'];
const role = {
  privileges: [{ resource: { db: database, collection: '' }, actions }],
  roles: [],
};
const conclave = connection.getDB(database);
const rolesFound = conclave.runCommand({ rolesInfo: 'gateway' }).roles.length;
conclave.runCommand({ [rolesFound > 0 ? 'updateRole' : 'createRole']: 'gateway', ...role });

function user(db, name, password, roles) {
  const usersFound = db.runCommand({ usersInfo: name }).users.length;
  db.runCommand({ [usersFound > 0 ? 'updateUser' : 'createUser']: name, pwd: password, roles });
}

user(conclave, 'conclave', secret('mongo-password'), [{ role: 'gateway', db: database }]);
// Prometheus' exporter: numbers about the server and the replica set.
user(admin, 'exporter', secret('mongo-exporter-password'), [{ role: 'clusterMonitor', db: 'admin' }]);
print(`${member} is ready: replica set "conclave", users "conclave" and "exporter"`);
