import java.io.File;
import java.io.FileReader;
import java.time.Duration;
import java.util.List;
import java.util.Properties;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.message.BinaryMessageDecoder;
import org.apache.avro.message.MissingSchemaException;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.StringDeserializer;

/** Prints what is to be sent from where: so many allocations as its argument says, or until it is stopped. */
public class ReadAllocations {
    public static void main(String[] args) throws Exception {
        var left = args.length > 0 ? Integer.parseInt(args[0]) : Integer.MAX_VALUE;
        // Read as the newest version; what an older Penstock wrote, and stands in the log, is read by its own.
        var versions = new File("schemas/golden").listFiles((folder, name) -> name.matches("OrderAllocated\\.v\\d+\\.avsc"));
        var newest = new Schema.Parser().parse(new File("schemas/golden/OrderAllocated.v" + versions.length + ".avsc"));
        var decoder = new BinaryMessageDecoder<GenericRecord>(GenericData.get(), newest);
        for (var version : versions) {
            decoder.addSchema(new Schema.Parser().parse(version));
        }
        var properties = new Properties();
        try (var file = new FileReader("client.properties")) {
            properties.load(file);
        }
        properties.put("group.id", "wms");
        properties.put("isolation.level", "read_committed");
        // Where the group has no offset yet; the client's own default begins at the end, and leaves out what is there.
        properties.put("auto.offset.reset", "earliest");
        try (var consumer = new KafkaConsumer<>(properties, new StringDeserializer(), new ByteArrayDeserializer())) {
            consumer.subscribe(List.of("allocations"));
            while (left > 0) {
                for (var message : consumer.poll(Duration.ofSeconds(1))) {
                    try {
                        System.out.println(message.key() + " " + decoder.decode(message.value()).get("parts"));
                        left--;
                    } catch (MissingSchemaException otherRecordType) {
                        // The topic carries OrderBackordered and AllocationReleased too: each has a decoder of its own.
                    }
                }
            }
        }
    }
}
