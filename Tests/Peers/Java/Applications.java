import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.MemberToRemove;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.clients.admin.RemoveMembersFromConsumerGroupOptions;
import org.apache.kafka.clients.consumer.ConsumerPartitionAssignor;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.Cluster;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.Node;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;

/**
 * What programs that keep their state in topics ask a cluster for: Schema Registry for its schemas, Debezium for its schema
 * history, Kafka Streams for changelogs, repartition topics and its group. java Applications.java BOOTSTRAP
 *
 * <p>A line a step is printed: its name, a tabulator, and what came of it, or the name of the error.
 */
public final class Applications {
    private interface Step {
        Object take() throws Exception;
    }

    private final String bootstrap;
    private final Admin admin;

    private Applications(String bootstrap) {
        this.bootstrap = bootstrap;
        this.admin = Admin.create(Map.of("bootstrap.servers", bootstrap, "default.api.timeout.ms", 30_000));
    }

    public static void main(String[] arguments) {
        Applications applications = new Applications(arguments[0]);
        applications.schemaRegistry();
        applications.schemaHistory();
        applications.streamsTopics();
        applications.streamsGroup();
        applications.admin.close();
    }

    private static <T> T get(KafkaFuture<T> future) throws Exception {
        return future.get(30, TimeUnit.SECONDS);
    }

    private static void say(String name, Step step) {
        String outcome;
        try {
            outcome = String.valueOf(step.take());
        } catch (ExecutionException error) {
            outcome = error.getCause().getClass().getSimpleName();
        } catch (Exception error) {
            outcome = error.toString();
        }
        System.out.println(name + "\t" + outcome.replace('\n', ' '));
    }

    private Object create(String topic, int partitions, short replicas, Map<String, String> settings) throws Exception {
        Optional<Short> factor = replicas < 0 ? Optional.empty() : Optional.of(replicas);
        return get(admin.createTopics(List.of(new NewTopic(topic, Optional.of(partitions), factor).configs(settings))).all());
    }

    private Map<String, String> settings(ConfigResource.Type type, String name, String... wanted) throws Exception {
        ConfigResource resource = new ConfigResource(type, name);
        var all = get(admin.describeConfigs(List.of(resource)).all()).get(resource);
        Map<String, String> seen = new TreeMap<>();
        for (String setting : wanted) seen.put(setting, all.get(setting).value());
        return seen;
    }

    private KafkaProducer<String, String> producer(Map<String, Object> settings) {
        Map<String, Object> all = new HashMap<>(settings);
        all.put("bootstrap.servers", bootstrap);
        return new KafkaProducer<>(all, new StringSerializer(), new StringSerializer());
    }

    private KafkaConsumer<String, String> consumer(Map<String, Object> settings) {
        Map<String, Object> all = new HashMap<>(settings);
        all.put("bootstrap.servers", bootstrap);
        all.put("enable.auto.commit", false);
        return new KafkaConsumer<>(all, new StringDeserializer(), new StringDeserializer());
    }

    /** Everything up to the end that the partition has now: the last value of each key. */
    private static Map<String, String> restore(KafkaConsumer<String, String> consumer, TopicPartition place) {
        long end = consumer.endOffsets(Set.of(place)).get(place);
        Map<String, String> values = new TreeMap<>();
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
        while (consumer.position(place) < end && System.nanoTime() < deadline) {
            consumer.poll(Duration.ofMillis(100)).forEach(record -> {
                if (record.value() == null) values.remove(record.key());
                else values.put(record.key(), record.value());
            });
        }
        return values;
    }

    private Map<String, String> restoreAll(TopicPartition place) {
        try (var consumer = consumer(Map.of("auto.offset.reset", "none"))) {
            consumer.assign(Set.of(place));
            consumer.seekToBeginning(Set.of(place));
            return restore(consumer, place);
        }
    }

    /** One compacted partition, written with acks=all and without retries, and read to its end at each start. */
    private void schemaRegistry() {
        String topic = "_schemas";
        TopicPartition place = new TopicPartition(topic, 0);
        say("registry looks for its topic", () -> get(admin.describeTopics(Set.of(topic)).allTopicNames()));
        say("registry makes it", () -> create(topic, 1, (short) 1, Map.of("cleanup.policy", "compact")));
        say("a second registry makes it", () -> create(topic, 1, (short) 1, Map.of("cleanup.policy", "compact")));
        say("registry checks it", () -> get(admin.describeTopics(Set.of(topic)).allTopicNames()).get(topic).partitions().size()
            + " " + settings(ConfigResource.Type.TOPIC, topic, "cleanup.policy"));
        Map<String, Object> careful = Map.of("acks", "all", "retries", 0, "enable.idempotence", false);
        try (var producer = producer(careful)) {
            say("registry writes", () -> {
                producer.send(new ProducerRecord<>(topic, 0, "noop", null)).get();
                producer.send(new ProducerRecord<>(topic, 0, "subject-1", "a")).get();
                producer.send(new ProducerRecord<>(topic, 0, "subject-2", "b")).get();
                producer.send(new ProducerRecord<>(topic, 0, "subject-2", null)).get();
                return producer.send(new ProducerRecord<>(topic, 0, "subject-1", "c")).get().offset();
            });
        }
        say("registry reads to the end", () -> restoreAll(place));
    }

    /** One partition that is kept for ever, written with acks=1, and read as a group of one that never commits. */
    private void schemaHistory() {
        String topic = "schema-changes.shop";
        Map<String, String> kept =
            Map.of("cleanup.policy", "delete", "retention.ms", "" + Long.MAX_VALUE, "retention.bytes", "-1");
        say("history asks for the factor", () -> {
            Node node = get(admin.describeCluster().nodes()).iterator().next();
            return settings(ConfigResource.Type.BROKER, node.idString(), "default.replication.factor");
        });
        say("history makes its topic", () -> create(topic, 1, (short) 1, kept));
        say("history checks it", () -> get(admin.listTopics().names()).contains(topic) + " "
            + settings(ConfigResource.Type.TOPIC, topic, "cleanup.policy", "retention.bytes", "retention.ms"));
        Map<String, Object> settings = Map.of("acks", "1", "retries", 1, "batch.size", 32768, "linger.ms", 0);
        try (var producer = producer(settings)) {
            say("history writes", () -> {
                for (int number = 0; number < 9; number++) producer.send(new ProducerRecord<>(topic, 0, null, "ddl-" + number));
                producer.flush();
                return producer.send(new ProducerRecord<>(topic, 0, null, "ddl-9")).get().offset();
            });
        }
        Map<String, Object> group = Map.of("group.id", "shop-history", "auto.offset.reset", "earliest");
        try (var consumer = consumer(group)) {
            say("history is recovered", () -> {
                consumer.subscribe(List.of(topic));
                TopicPartition place = new TopicPartition(topic, 0);
                long end = consumer.endOffsets(Set.of(place)).get(place);
                long read = 0;
                long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
                while (read < end && System.nanoTime() < deadline) read += consumer.poll(Duration.ofMillis(100)).count();
                return read + " from " + consumer.beginningOffsets(Set.of(place)).get(place);
            });
        }
    }

    private static final String CHANGELOG = "words-counts-changelog";
    private static final String REPARTITION = "words-by-key-repartition";

    /** Topics that Streams makes for itself, what it writes there, and what it deletes there. */
    private void streamsTopics() {
        String windows = "words-windows-changelog";
        say("streams looks for its topics", () -> get(admin.describeTopics(Set.of(CHANGELOG)).allTopicNames()));
        say("streams makes its topics", () -> {
            create(CHANGELOG, 2, (short) -1, Map.of("cleanup.policy", "compact", "segment.bytes", "52428800"));
            create(windows, 2, (short) -1, Map.of("cleanup.policy", "compact,delete", "retention.ms", "90000000"));
            return create(REPARTITION, 2, (short) -1, Map.of("cleanup.policy", "delete", "segment.bytes", "52428800",
                "retention.ms", "-1", "message.timestamp.type", "CreateTime"));
        });
        say("streams changes one", () -> {
            var change = new AlterConfigOp(new ConfigEntry("retention.ms", "91000000"), AlterConfigOp.OpType.SET);
            var resource = new ConfigResource(ConfigResource.Type.TOPIC, windows);
            get(admin.incrementalAlterConfigs(Map.of(resource, List.of(change))).all());
            return settings(ConfigResource.Type.TOPIC, windows, "cleanup.policy", "retention.ms");
        });
        say("streams writes", () -> {
            try (var producer = producer(Map.of("linger.ms", 100))) {
                for (int number = 0; number < 30; number++) {
                    producer.send(new ProducerRecord<>(CHANGELOG, 0, "k" + number % 3, "" + number));
                    producer.send(new ProducerRecord<>(REPARTITION, number % 2, "k" + number % 3, "" + number));
                }
                producer.flush();
                return producer.send(new ProducerRecord<>(CHANGELOG, 0, "k0", null)).get().offset();
            }
        });
        TopicPartition store = new TopicPartition(CHANGELOG, 0);
        say("streams sees the end", () -> get(admin.listOffsets(Map.of(store, OffsetSpec.latest())).all()).get(store).offset());
        say("streams restores", () -> restoreAll(store));
        say("streams purges", () -> {
            TopicPartition place = new TopicPartition(REPARTITION, 1);
            get(admin.deleteRecords(Map.of(place, RecordsToDelete.beforeOffset(10))).all());
            return get(admin.listOffsets(Map.of(place, OffsetSpec.earliest())).all()).get(place).offset();
        });
    }

    /** Divides partitions as Streams does: one assignor for both ways of rebalancing, which tells members more than those. */
    public static final class TaskAssignor implements ConsumerPartitionAssignor {
        @Override
        public String name() {
            return "stream";
        }

        @Override
        public short version() {
            return 11;
        }

        @Override
        public List<RebalanceProtocol> supportedProtocols() {
            return List.of(RebalanceProtocol.COOPERATIVE, RebalanceProtocol.EAGER);
        }

        @Override
        public ByteBuffer subscriptionUserData(Set<String> topics) {
            return ByteBuffer.wrap("tasks".getBytes(StandardCharsets.UTF_8));
        }

        @Override
        public GroupAssignment assign(Cluster cluster, GroupSubscription group) {
            List<String> members = group.groupSubscription().keySet().stream().sorted().toList();
            Map<String, Assignment> assignments = new HashMap<>();
            for (int index = 0; index < members.size(); index++) {
                List<TopicPartition> places = new ArrayList<>();
                for (int number = index; number < 2; number += members.size()) places.add(new TopicPartition(REPARTITION, number));
                ByteBuffer told = group.groupSubscription().get(members.get(index)).userData();
                assignments.put(members.get(index), new Assignment(places, told));
            }
            return new GroupAssignment(assignments);
        }
    }

    private KafkaConsumer<String, String> thread(int number) {
        KafkaConsumer<String, String> member = consumer(Map.of(
            "group.id", "words", "client.id", "words-" + number, "group.instance.id", "thread-" + number,
            "auto.offset.reset", "earliest", "partition.assignment.strategy", List.of(TaskAssignor.class),
            "internal.leave.group.on.close", false));
        member.subscribe(List.of(REPARTITION));
        return member;
    }

    /** The group of two threads, which close without leaving, are then taken out of it by name, and whose place is reset. */
    private void streamsGroup() {
        Map<TopicPartition, OffsetAndMetadata> read = new HashMap<>();
        try (var first = thread(1); var second = thread(2)) {
            say("streams divides", () -> {
                long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
                int count = 0;
                while ((count < 20 || assigned(first, second) < 2) && System.nanoTime() < deadline) {
                    for (var member : List.of(first, second)) {
                        var records = member.poll(Duration.ofMillis(50));
                        count += records.count();
                        records.forEach(record -> read.put(new TopicPartition(record.topic(), record.partition()),
                            new OffsetAndMetadata(record.offset() + 1, record.leaderEpoch(), "time")));
                    }
                }
                return "members with one: " + assigned(first, second) + ", records from 10 and 0: " + count;
            });
            say("streams commits", () -> {
                for (var member : List.of(first, second)) {
                    var own = new HashMap<>(read);
                    own.keySet().retainAll(member.assignment());
                    member.commitSync(own);
                }
                var committed = get(admin.listConsumerGroupOffsets("words").partitionsToOffsetAndMetadata());
                var shown = new TreeMap<Integer, String>();
                committed.forEach((place, offset) -> shown.put(place.partition(), offset.offset() + " " + offset.metadata()));
                return shown;
            });
        }
        say("threads stay", () -> members());
        say("threads are taken out", () -> {
            Collection<MemberToRemove> gone = List.of(new MemberToRemove("thread-1"), new MemberToRemove("thread-2"));
            get(admin.removeMembersFromConsumerGroup("words", new RemoveMembersFromConsumerGroupOptions(gone)).all());
            return members();
        });
        say("the application is reset", () -> {
            TopicPartition place = new TopicPartition(REPARTITION, 0);
            get(admin.alterConsumerGroupOffsets("words", Map.of(place, new OffsetAndMetadata(0))).all());
            get(admin.deleteTopics(List.of(REPARTITION, CHANGELOG)).all());
            return get(admin.listTopics().names()).stream().filter(name -> name.startsWith("words-")).toList();
        });
    }

    @SafeVarargs
    private static long assigned(KafkaConsumer<String, String>... members) {
        return List.of(members).stream().filter(member -> member.assignment().size() == 1).count();
    }

    private String members() throws Exception {
        var group = get(admin.describeConsumerGroups(Set.of("words")).all()).get("words");
        return group.groupState() + ", " + group.members().size() + ", " + group.partitionAssignor();
    }
}
