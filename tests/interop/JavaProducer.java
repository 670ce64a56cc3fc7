import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.BufferedReader;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.Properties;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.errors.ApiException;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/**
 * Apache Kafka's own producer, told line by line what to do: one JSON object a line, in and out.
 *
 * <p>The first line holds its properties. Every other one is a command: {"do": "send", "record": 7, "topic": "orders",
 * "value": "…", "key": "…", "partition": 0}, where the key and the partition may be missing, or "flush", "metrics",
 * "partitions" (of a topic), "close". A record that is sent may have another one as "then", which is sent from its callback.
 * Each call of a record's callback is a line that names the record, and so is what send threw; each of the other
 * commands is answered by one line, after it was carried out. At the end of the input the producer is closed at once.
 */
public final class JavaProducer {
    private static final ObjectMapper JSON = new ObjectMapper();

    private final PrintStream out;
    private final KafkaProducer<byte[], byte[]> producer;

    private JavaProducer(PrintStream out, Properties properties) {
        this.out = out;
        this.producer = new KafkaProducer<>(properties, new ByteArraySerializer(), new ByteArraySerializer());
    }

    public static void main(String[] arguments) throws IOException {
        PrintStream out = new PrintStream(new FileOutputStream(FileDescriptor.out), true, StandardCharsets.UTF_8);
        System.setOut(System.err); // whatever the libraries print must not come between the answers
        BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        Properties properties = new Properties();
        for (Map.Entry<String, JsonNode> given : JSON.readTree(in.readLine()).properties()) {
            properties.put(given.getKey(), given.getValue().asText());
        }
        JavaProducer driven = new JavaProducer(out, properties);
        for (String line = in.readLine(); line != null; line = in.readLine()) {
            driven.carryOut(JSON.readTree(line));
        }
        driven.producer.close(Duration.ZERO);
    }

    private void carryOut(JsonNode command) {
        switch (command.get("do").asText()) {
            case "send" -> send(command);
            case "flush" -> {
                producer.flush();
                say(JSON.createObjectNode().put("done", "flush"));
            }
            case "metrics" -> say(metrics());
            case "partitions" -> {
                int count = producer.partitionsFor(command.get("topic").asText()).size();
                say(JSON.createObjectNode().put("done", "partitions").put("count", count));
            }
            case "close" -> {
                producer.close();
                say(JSON.createObjectNode().put("done", "close"));
            }
            default -> throw new IllegalArgumentException("no such command: " + command);
        }
    }

    private void send(JsonNode command) {
        int record = command.get("record").asInt();
        byte[] value = command.get("value").asText().getBytes(StandardCharsets.UTF_8);
        byte[] key = command.has("key") ? command.get("key").asText().getBytes(StandardCharsets.UTF_8) : null;
        Integer partition = command.has("partition") ? command.get("partition").asInt() : null;
        try {
            producer.send(
                    new ProducerRecord<>(command.get("topic").asText(), partition, key, value),
                    (metadata, error) -> {
                        say(told(record, metadata, error));
                        if (command.has("then")) {
                            send(command.get("then"));
                        }
                    });
        } catch (RuntimeException error) {
            // What the producer found earlier is thrown again within a KafkaException; which code that has nobody asks.
            Exception found = error.getCause() instanceof ApiException cause ? cause : error;
            say(told(record, null, found).put("thrown", error.toString()));
        }
    }

    private static ObjectNode told(int record, RecordMetadata metadata, Exception error) {
        ObjectNode told = JSON.createObjectNode().put("record", record);
        if (error == null) {
            return told.put("partition", metadata.partition()).put("offset", metadata.offset());
        }
        return told.put("code", Errors.forException(error).name()).put("detail", error.toString());
    }

    private ObjectNode metrics() {
        ObjectNode said = JSON.createObjectNode().put("done", "metrics");
        ObjectNode found = said.putObject("metrics");
        producer.metrics().forEach((name, metric) -> {
            if (name.group().equals("producer-metrics") && metric.metricValue() instanceof Double value) {
                found.put(name.name(), value);
            }
        });
        return said;
    }

    private synchronized void say(ObjectNode line) {
        out.println(line);
    }
}
