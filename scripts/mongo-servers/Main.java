import de.bwaldvogel.mongo.MongoServer;
import de.bwaldvogel.mongo.MongoVersion;
import de.bwaldvogel.mongo.backend.memory.MemoryBackend;
import de.bwaldvogel.mongo.bson.Document;
import java.net.InetSocketAddress;
import java.util.List;

/**
 * mongo-java-server in memory: Main PORT [SET]. With SET it says that it is the primary of a replica set of
 * that name, and tells changes (only inserts, in this version). It ends with its standard input too.
 */
public class Main {
  public static void main(String[] args) throws Exception {
    String address = "127.0.0.1:" + args[0];
    String set = args.length > 1 ? args[1] : null;
    MemoryBackend backend = new MemoryBackend() {
      @Override
      public Document handleCommand(io.netty.channel.Channel channel, String database, String command, Document query) {
        boolean hello = command.equals("hello");
        if (hello) query.put("ismaster", 1);
        Document reply = super.handleCommand(channel, database, hello ? "ismaster" : command, query);
        if (hello || command.equalsIgnoreCase("ismaster")) {
          reply.put("logicalSessionTimeoutMinutes", 30);
          reply.put("isWritablePrimary", true);
          if (set != null) {
            reply.put("setName", set);
            reply.put("setVersion", 1);
            reply.put("hosts", List.of(address));
            reply.put("primary", address);
            reply.put("me", address);
          }
        }
        return reply;
      }
    };
    // Its own newest version says wire version 8, which driver 7 refuses.
    backend.version(new MongoVersion() {
      public List<Integer> getVersionArray() { return List.of(5, 0, 0); }
      public int getWireVersion() { return 13; }
    });
    if (set != null) backend.enableOplog();
    MongoServer server = new MongoServer(backend);
    server.bind(new InetSocketAddress("127.0.0.1", Integer.parseInt(args[0])));
    while (System.in.read() != -1) { }
    // Nothing is kept, and closing in order may wait for clients that are gone.
    Runtime.getRuntime().halt(0);
  }
}
