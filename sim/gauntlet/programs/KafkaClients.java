import java.io.BufferedReader;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Properties;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.ApiException;
import org.apache.kafka.common.errors.AuthorizationException;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.errors.OutOfOrderSequenceException;
import org.apache.kafka.common.errors.ProducerFencedException;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.errors.UnsupportedVersionException;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.internals.RecordHeader;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/** Apache Kafka's own producer: sends what it is told, and says what the library told it. The lines are those of spoken.py. */
public final class KafkaClients {
    private static final String NONE = "-";
    /** Properties come as a flat JSON object of texts, and this needs no library. */
    private static final Pattern PROPERTY = Pattern.compile("\"([^\"]+)\": \"([^\"]*)\"");

    private final PrintStream out;
    private final KafkaProducer<byte[], byte[]> producer;

    private KafkaClients(PrintStream out, Properties properties) {
        this.out = out;
        this.producer = new KafkaProducer<>(properties, new ByteArraySerializer(), new ByteArraySerializer());
    }

    public static void main(String[] arguments) throws IOException {
        PrintStream out = new PrintStream(new FileOutputStream(FileDescriptor.out), true, StandardCharsets.UTF_8);
        System.setOut(System.err); // whatever a library prints must not come between the lines
        BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        KafkaProducer.class.getName();
        out.println("ready");
        Properties properties = new Properties();
        Matcher given = PROPERTY.matcher(in.readLine());
        while (given.find()) {
            properties.put(given.group(1), given.group(2));
        }
        KafkaClients program = new KafkaClients(out, properties);
        for (String line = in.readLine(); line != null; line = in.readLine()) {
            String[] words = line.split("\t", -1);
            switch (words[0]) {
                case "send" -> program.send(words);
                case "flush" -> program.producer.flush();
                case "init" -> program.carryOut("init", program.producer::initTransactions);
                case "begin" -> program.carryOut("begin", program.producer::beginTransaction);
                case "commit" -> program.carryOut("commit", program.producer::commitTransaction);
                case "abort" -> program.carryOut("abort", program.producer::abortTransaction);
                default -> {
                    program.producer.close();
                    program.say("closed");
                    return;
                }
            }
        }
    }

    private void send(String[] words) {
        String number = words[1];
        List<Header> headers = new ArrayList<>();
        for (int place = 7; place < words.length; place++) {
            String[] pair = words[place].split("=", 2);
            headers.add(new RecordHeader(pair[0], bytes(pair[1])));
        }
        ProducerRecord<byte[], byte[]> record =
                new ProducerRecord<>(
                        words[2],
                        words[5].equals(NONE) ? null : Integer.valueOf(words[5]),
                        words[6].equals(NONE) ? null : Long.valueOf(words[6]),
                        bytes(words[3]),
                        bytes(words[4]),
                        headers);
        try {
            producer.send(
                    record,
                    (where, error) -> {
                        if (error == null) {
                            say("acknowledged", number, where.partition(), where.offset(), where.timestamp());
                        } else {
                            fail(number, "unknown", error);
                        }
                    });
        } catch (RuntimeException error) {
            fail(number, "failed", error);
        }
    }

    /** As KafkaProducer's documentation has it: which errors leave the same call, which an abort, and which the end of the producer. */
    private void carryOut(String name, Runnable call) {
        try {
            call.run();
            say("done", name);
        } catch (TimeoutException | InterruptException error) {
            refuse(name, "again", error);
        } catch (ProducerFencedException error) {
            refuse(name, "fenced", error);
        } catch (OutOfOrderSequenceException | AuthorizationException | UnsupportedVersionException error) {
            refuse(name, "fatal", error);
        } catch (KafkaException error) {
            refuse(name, "abortable", error);
        } catch (RuntimeException error) {
            refuse(name, "fatal", error);
        }
    }

    private void refuse(String name, String outcome, Exception error) {
        say("refused", name, outcome, code(error), why(error));
    }

    private void fail(String number, String outcome, Exception error) {
        say("failed", number, outcome, code(error), why(error));
    }

    private static int code(Exception error) {
        return error instanceof ApiException ? Errors.forException(error).code() : -1;
    }

    private static String why(Exception error) {
        return (error.getClass().getSimpleName() + ": " + error.getMessage()).replaceAll("\\s+", " ");
    }

    private synchronized void say(Object... words) {
        StringBuilder line = new StringBuilder();
        for (Object word : words) {
            line.append(line.length() == 0 ? "" : "\t").append(word);
        }
        out.println(line);
    }

    private static byte[] bytes(String text) {
        return text.equals(NONE) ? null : Base64.getDecoder().decode(text);
    }
}
