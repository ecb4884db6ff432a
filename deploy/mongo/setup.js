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

function role(db, name, definition) {
  const found = db.runCommand({ rolesInfo: name }).roles.length;
  db.runCommand({ [found > 0 ? 'updateRole' : 'createRole']: name, ...definition });
}

// What a gateway does: reads and writes documents, makes its collections and indexes when it starts, and asks how full the
// disk is. It never drops anything, changes no options, and sees no other database.
const actions = ['find', 'insert', 'update', 'remove', 'createCollection', 'createIndex', 'dbStats'];
const conclave = connection.getDB(database);
role(conclave, 'gateway', {
  privileges: [{ resource: { db: database, collection: '' }, actions }],
  roles: [],
});
// What the collector of numbers for Prometheus does: clusterMonitor, and a look at which collections there are.
const monitorActions = ['listCollections', 'indexStats'];
role(admin, 'observer', {
  privileges: [{ resource: { db: '', collection: '' }, actions: monitorActions }],
  roles: [{ role: 'clusterMonitor', db: 'admin' }],
});

function user(db, name, password, roles) {
  const usersFound = db.runCommand({ usersInfo: name }).users.length;
  db.runCommand({ [usersFound > 0 ? 'updateUser' : 'createUser']: name, pwd: password, roles });
}

user(conclave, 'conclave', secret('mongo-password'), [{ role: 'gateway', db: database }]);
user(admin, 'exporter', secret('mongo-exporter-password'), [{ role: 'observer', db: 'admin' }]);
print(`${member} is ready: replica set "conclave", users "conclave" and "exporter"`);
