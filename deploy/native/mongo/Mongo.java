import de.bwaldvogel.mongo.MongoBackend;
import de.bwaldvogel.mongo.MongoServer;
import de.bwaldvogel.mongo.MongoVersion;
import de.bwaldvogel.mongo.backend.h2.H2Backend;
import de.bwaldvogel.mongo.backend.memory.MemoryBackend;
import java.util.List;

/**
 * Serves the MongoDB protocol: {@code Mongo HOST PORT [H2-FILE]}. Without a file the data lives in memory.
 *
 * <p>The library says wire version 8 of itself, and the driver of 2025 asks for 9 or more; the commands it needs are
 * there, so the server presents itself as MongoDB 5.0.
 */
public final class Mongo {
  private static final MongoVersion FIVE =
      new MongoVersion() {
        public List<Integer> getVersionArray() {
          return List.of(5, 0, 0);
        }

        public int getWireVersion() {
          return 13;
        }
      };

  public static void main(String[] arguments) {
    MongoBackend backend = arguments.length > 2 ? new H2Backend(arguments[2]) : new MemoryBackend();
    MongoServer server = new MongoServer(backend.version(FIVE));
    server.bind(arguments[0], Integer.parseInt(arguments[1]));
    // A closed H2 file needs no repair at the next start.
    Runtime.getRuntime().addShutdownHook(new Thread(server::shutdownNow));
  }
}
