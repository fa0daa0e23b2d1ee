import de.bwaldvogel.mongo.MongoBackend;
import de.bwaldvogel.mongo.MongoDatabase;
import de.bwaldvogel.mongo.MongoServer;
import de.bwaldvogel.mongo.MongoVersion;
import de.bwaldvogel.mongo.backend.CollectionOptions;
import de.bwaldvogel.mongo.backend.CursorRegistry;
import de.bwaldvogel.mongo.backend.Index;
import de.bwaldvogel.mongo.backend.IndexKey;
import de.bwaldvogel.mongo.backend.QueryResult;
import de.bwaldvogel.mongo.backend.h2.H2Backend;
import de.bwaldvogel.mongo.backend.memory.MemoryBackend;
import de.bwaldvogel.mongo.backend.memory.MemoryCollection;
import de.bwaldvogel.mongo.backend.memory.MemoryDatabase;
import de.bwaldvogel.mongo.bson.Document;
import de.bwaldvogel.mongo.wire.message.MongoMessage;
import java.util.Collection;
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
    MongoBackend backend = arguments.length > 2 ? new DurableBackend(arguments[2]) : new IndexedBackend();
    MongoServer server = new MongoServer(backend.version(FIVE));
    server.bind(arguments[0], Integer.parseInt(arguments[1]));
    // A closed H2 file needs no repair at the next start.
    Runtime.getRuntime().addShutdownHook(new Thread(server::shutdownNow));
  }

  /**
   * The library commits once a second, so a killed server has lost writes that it had acknowledged. MongoDB acknowledges a
   * write (w: majority) when it is in the journal; so does this. A commit without changes does nothing.
   */
  private static final class DurableBackend extends H2Backend {
    DurableBackend(String file) {
      super(file);
    }

    @Override
    public Document handleMessage(MongoMessage message) {
      Document answer = super.handleMessage(message);
      commit();
      return answer;
    }
  }

  /**
   * The library asks an index only for a query of exactly the index's fields: a compare-and-set ({@code _id} and a
   * version) reads the whole collection. MongoDB looks the document up and compares; so does this.
   */
  private static final class IndexedBackend extends MemoryBackend {
    @Override
    public MemoryDatabase openOrCreateDatabase(String name) {
      return new IndexedDatabase(name, getCursorRegistry());
    }
  }

  private static final class IndexedDatabase extends MemoryDatabase {
    private final CursorRegistry cursors;

    IndexedDatabase(String name, CursorRegistry cursors) {
      super(name, cursors);
      this.cursors = cursors;
    }

    @Override
    protected MemoryCollection openOrCreateCollection(String name, CollectionOptions options) {
      return new IndexedCollection(this, name, options, cursors);
    }
  }

  private static final class IndexedCollection extends MemoryCollection {
    IndexedCollection(MongoDatabase database, String name, CollectionOptions options, CursorRegistry cursors) {
      super(database, name, options, cursors);
    }

    /** Called where no index has exactly the fields of the query. */
    @Override
    protected QueryResult matchDocuments(
        Document query, Document order, int skip, int limit, int batch, Document fields) {
      Document conditions = conditionsOf(query);
      for (Index<Integer> index : getIndexes()) {
        Document looked = new Document();
        for (IndexKey key : index.getKeys()) {
          if (conditions.containsKey(key.getKey())) looked.put(key.getKey(), conditions.get(key.getKey()));
        }
        if (looked.size() == index.getKeys().size() && index.canHandle(looked)) {
          return matchDocuments(query, index.getPositions(looked), order, skip, limit, batch, fields);
        }
      }
      return super.matchDocuments(query, order, skip, limit, batch, fields);
    }

    /** What must hold of a field by itself, also where it stands in an {@code $and}. */
    private static Document conditionsOf(Document query) {
      Document conditions = new Document();
      conditions.putAll(query);
      if (query.get("$and") instanceof Collection<?> parts) {
        for (Object part : parts) {
          if (part instanceof Document document) document.forEach(conditions::putIfAbsent);
        }
      }
      return conditions;
    }
  }
}
