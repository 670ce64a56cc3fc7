import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.BufferedReader;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.consumer.ConsumerGroupMetadata;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/**
 * Apache Kafka's transactional producers, as many as are asked for, told line by line what to do: one JSON object a line, in and out.
 *
 * <p>Each command names a producer ("of") and a call ("do"), and is answered by one line once that call has ended: the classes of
 * what it threw, from the outside in, none if it returned, and the code that Kafka has for it. "fate" asks what a record that was
 * sent came to, "forget" ends a producer at once.
 */
public final class JavaTransactions {
    private static final ObjectMapper JSON = new ObjectMapper();

    private final Map<String, KafkaProducer<byte[], byte[]>> producers = new HashMap<>();
    private final Map<String, Future<RecordMetadata>> sent = new HashMap<>();

    private JavaTransactions() {}

    public static void main(String[] arguments) throws IOException {
        PrintStream out = new PrintStream(new FileOutputStream(FileDescriptor.out), true, StandardCharsets.UTF_8);
        System.setOut(System.err); // whatever the libraries print must not come between the answers
        BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        JavaTransactions driven = new JavaTransactions();
        for (String line = in.readLine(); line != null; line = in.readLine()) {
            out.println(driven.answer(JSON.readTree(line)));
        }
    }

    private ObjectNode answer(JsonNode command) {
        ObjectNode told = JSON.createObjectNode();
        ArrayNode threw = told.putArray("threw");
        try {
            carryOut(command);
        } catch (Exception error) {
            Throwable first = error instanceof ExecutionException ? error.getCause() : error;
            Errors code = Errors.UNKNOWN_SERVER_ERROR;
            for (Throwable one = first; one != null; one = one.getCause()) {
                threw.add(one.getClass().getSimpleName());
                code = code == Errors.UNKNOWN_SERVER_ERROR ? codeOf(one) : code;
            }
            told.put("code", code.name()).put("detail", first + (first.getCause() == null ? "" : " / " + first.getCause()));
        }
        return told;
    }

    /** What an exception says without a class of its own, it says in the words that its code has. */
    private static Errors codeOf(Throwable error) {
        Errors found = Errors.forException(error);
        if (found == Errors.UNKNOWN_SERVER_ERROR && error.getMessage() != null) {
            for (Errors one : Errors.values()) {
                if (one.message() != null && error.getMessage().contains(one.message())) {
                    return one;
                }
            }
        }
        return found;
    }

    @SuppressWarnings("removal") // a consumer gives what it is by itself; here it is told
    private void carryOut(JsonNode command) throws Exception {
        String name = command.get("of").asText();
        KafkaProducer<byte[], byte[]> producer = producers.get(name);
        switch (command.get("do").asText()) {
            case "make" -> {
                Properties properties = new Properties();
                command.get("properties").properties().forEach(one -> properties.put(one.getKey(), one.getValue().asText()));
                producers.put(name, new KafkaProducer<>(properties, new ByteArraySerializer(), new ByteArraySerializer()));
            }
            case "init" -> producer.initTransactions();
            case "begin" -> producer.beginTransaction();
            case "send" -> {
                byte[] value = command.get("value").asText().getBytes(StandardCharsets.UTF_8);
                ProducerRecord<byte[], byte[]> record = new ProducerRecord<>(command.get("topic").asText(), 0, null, value);
                sent.put(command.get("record").asText(), producer.send(record));
            }
            case "fate" -> {
                try {
                    sent.remove(command.get("record").asText()).get(command.get("within_s").asLong(), TimeUnit.SECONDS);
                } catch (TimeoutException error) {
                    throw new AssertionError("a record without a verdict: " + command, error);
                }
            }
            case "flush" -> producer.flush();
            case "offsets" -> producer.sendOffsetsToTransaction(
                    Map.of(new TopicPartition(command.get("topic").asText(), 0), new OffsetAndMetadata(command.get("offset").asLong())),
                    new ConsumerGroupMetadata(
                            command.get("group").asText(),
                            command.get("generation").asInt(),
                            command.get("member").asText(),
                            Optional.empty()));
            case "commit" -> producer.commitTransaction();
            case "abort" -> producer.abortTransaction();
            case "close" -> producer.close();
            case "forget" -> producers.remove(name).close(Duration.ZERO);
            default -> throw new IllegalArgumentException("no such call: " + command);
        }
    }
}
