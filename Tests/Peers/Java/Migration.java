import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.CommitFailedException;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.CooperativeStickyAssignor;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.RebalanceInProgressException;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;

/**
 * Kafka's own client, whose members change their group protocol while they read: java Migration.java BOOTSTRAP
 *
 * <p>Two members of the classic protocol are replaced one by one with members of the newer one, and back again, while records
 * come: once with the usual assignors, which give up all partitions first, and once with the cooperative one. A line is
 * printed of each: the group's type after each step, and how many records were not read, or read more than once.
 */
public final class Migration {
    private static final int PARTITIONS = 4;
    private static final long WAIT_SECONDS = 90;

    private final String bootstrap;
    private final String topic;
    private final String assignor;
    private final Map<String, Integer> reads = new ConcurrentHashMap<>();
    private final List<String> types = new ArrayList<>();

    private Migration(String bootstrap, String topic, String assignor) {
        this.bootstrap = bootstrap;
        this.topic = topic;
        this.assignor = assignor;
    }

    public static void main(String[] arguments) throws Exception {
        new Migration(arguments[0], "usual", null).run();
        new Migration(arguments[0], "cooperative", CooperativeStickyAssignor.class.getName()).run();
    }

    private void run() throws Exception {
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", bootstrap))) {
            admin.createTopics(List.of(new NewTopic(topic, PARTITIONS, (short) 1))).all().get(30, TimeUnit.SECONDS);
            List<Member> members = new ArrayList<>(List.of(new Member("classic"), new Member("classic")));
            Stream stream = new Stream();
            try {
                step(admin, members);
                stream.start();
                for (String protocol : List.of("consumer", "consumer", "classic", "classic")) {
                    members.remove(0).end();
                    members.add(new Member(protocol));
                    step(admin, members);
                }
            } finally {
                stream.end();
            }
            await("all records", () -> reads.size() >= stream.count);
            for (Member member : members) {
                member.end();
            }
            long twice = reads.values().stream().filter(count -> count > 1).count();
            System.out.println(
                topic + " " + String.join(" ", types) + " missing " + (stream.count - reads.size()) + " twice " + twice
            );
        }
    }

    private void step(Admin admin, List<Member> members) throws Exception {
        await("equal shares", () -> members.stream().allMatch(member -> member.share == PARTITIONS / members.size()));
        types.add(
            admin.listGroups().all().get(30, TimeUnit.SECONDS).stream()
                .filter(group -> group.groupId().equals(topic))
                .map(group -> group.type().orElseThrow().toString())
                .collect(Collectors.joining())
        );
    }

    private interface Condition {
        boolean holds();
    }

    private static void await(String what, Condition condition) throws Exception {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(WAIT_SECONDS);
        while (!condition.holds()) {
            if (System.nanoTime() > end) {
                throw new IllegalStateException("no " + what);
            }
            Thread.sleep(20);
        }
    }

    /** Records that come all the time until they are stopped. */
    private final class Stream extends Thread {
        private volatile boolean isOver;
        private volatile int count;

        private void end() throws InterruptedException {
            isOver = true;
            join();
        }

        @Override
        public void run() {
            try (KafkaProducer<String, String> producer =
                new KafkaProducer<>(Map.of("bootstrap.servers", bootstrap), new StringSerializer(), new StringSerializer())) {
                while (!isOver) {
                    producer.send(new ProducerRecord<>(topic, count % PARTITIONS, null, "" + count));
                    count++;
                    Thread.sleep(10);
                }
            } catch (InterruptedException error) {
                throw new IllegalStateException(error);
            }
        }
    }

    /** A member with a thread of its own. A record counts as read when its offset is committed. */
    private final class Member extends Thread {
        private final String protocol;
        private volatile boolean isOver;
        private volatile int share;

        private Member(String protocol) {
            this.protocol = protocol;
            start();
        }

        private void end() throws InterruptedException {
            isOver = true;
            join();
        }

        @Override
        public void run() {
            Map<String, Object> settings = new HashMap<>(
                Map.of(
                    "bootstrap.servers", bootstrap, "group.id", topic, "group.protocol", protocol, "auto.offset.reset",
                    "earliest", "enable.auto.commit", "false"
                )
            );
            if (protocol.equals("classic")) {
                settings.put("heartbeat.interval.ms", "200");
                if (assignor != null) {
                    settings.put("partition.assignment.strategy", assignor);
                }
            }
            try (KafkaConsumer<String, String> consumer =
                new KafkaConsumer<>(settings, new StringDeserializer(), new StringDeserializer())) {
                consumer.subscribe(List.of(topic));
                while (!isOver) {
                    ConsumerRecords<String, String> records = consumer.poll(Duration.ofMillis(100));
                    share = consumer.assignment().size();
                    if (!records.isEmpty()) {
                        keep(consumer, records);
                    }
                }
            }
        }

        private void keep(KafkaConsumer<String, String> consumer, ConsumerRecords<String, String> records) {
            try {
                consumer.commitSync();
                for (ConsumerRecord<String, String> record : records) {
                    reads.merge(record.partition() + "/" + record.offset(), 1, Integer::sum);
                }
            } catch (CommitFailedException | RebalanceInProgressException error) {
                // What is still this member's is read again.
                Set<TopicPartition> mine = consumer.assignment();
                for (TopicPartition partition : records.partitions()) {
                    if (mine.contains(partition)) {
                        consumer.seek(partition, records.records(partition).get(0).offset());
                    }
                }
            }
        }
    }
}
