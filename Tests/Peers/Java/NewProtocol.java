import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ConsumerGroupDescription;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.SubscriptionPattern;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;

/**
 * Kafka's own client in the group protocol of KIP-848: java NewProtocol.java BOOTSTRAP
 *
 * <p>A member reads by a regular expression and commits; the administrator describes the group; a second life of the member
 * goes on, by name. A line is printed for what was seen of each.
 */
public final class NewProtocol {
    private static final String TOPIC = "java-events";
    private static final String GROUP = "java-readers";

    private final String bootstrap;

    private NewProtocol(String bootstrap) {
        this.bootstrap = bootstrap;
    }

    public static void main(String[] arguments) throws Exception {
        new NewProtocol(arguments[0]).run();
    }

    private void run() throws Exception {
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", bootstrap))) {
            admin.createTopics(List.of(new NewTopic(TOPIC, 2, (short) 1))).all().get(30, TimeUnit.SECONDS);
            produce(10);
            try (KafkaConsumer<String, String> consumer = consumer()) {
                consumer.subscribe(new SubscriptionPattern("java-[a-z]+"));
                System.out.println("read " + read(consumer, 10));
                consumer.commitSync();
                describe(admin);
            }
            produce(4);
            try (KafkaConsumer<String, String> consumer = consumer()) {
                consumer.subscribe(List.of(TOPIC));
                System.out.println("read " + read(consumer, 4));
            }
        }
    }

    private KafkaConsumer<String, String> consumer() {
        return new KafkaConsumer<>(
            Map.of(
                "bootstrap.servers", bootstrap, "group.id", GROUP, "group.protocol", "consumer", "group.remote.assignor",
                "range", "auto.offset.reset", "earliest", "enable.auto.commit", "false"
            ),
            new StringDeserializer(),
            new StringDeserializer()
        );
    }

    private void produce(int count) {
        Map<String, Object> settings = Map.of("bootstrap.servers", bootstrap);
        try (KafkaProducer<String, String> producer =
            new KafkaProducer<>(settings, new StringSerializer(), new StringSerializer())) {
            for (int number = 0; number < count; number++) {
                producer.send(new ProducerRecord<>(TOPIC, number % 2, null, "" + number));
            }
        }
    }

    private static int read(KafkaConsumer<String, String> consumer, int wanted) {
        Set<String> places = new HashSet<>();
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
        while (places.size() < wanted && System.nanoTime() < end) {
            for (ConsumerRecord<String, String> record : consumer.poll(Duration.ofMillis(100))) {
                places.add(record.partition() + "/" + record.offset());
            }
        }
        return places.size();
    }

    private static void describe(Admin admin) throws Exception {
        ConsumerGroupDescription group =
            admin.describeConsumerGroups(List.of(GROUP)).describedGroups().get(GROUP).get(30, TimeUnit.SECONDS);
        System.out.println(group.type() + " " + group.groupState() + " " + group.partitionAssignor());
        group.members().forEach(member ->
            System.out.println("has " + member.assignment().topicPartitions().size() + " of "
                + member.targetAssignment().orElseThrow().topicPartitions().size())
        );
    }
}
