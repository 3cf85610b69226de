import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.GroupListing;
import org.apache.kafka.clients.admin.NewPartitionReassignment;
import org.apache.kafka.clients.admin.NewPartitions;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.ElectionType;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.errors.ElectionNotNeededException;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;

/**
 * Kafka's own client in the matrix of clients and capabilities: java Matrix.java BOOTSTRAP
 *
 * <p>A line a capability is printed, as Tests/Peers/Matrix/cells.py says.
 */
public final class Matrix {
    private static final String TOPIC = "matrix";
    private static final String GROUP = "matrix-readers";
    private static final TopicPartition PLACE = new TopicPartition(TOPIC, 0);
    private static final List<String> CODECS = List.of("none", "gzip", "snappy", "lz4", "zstd");

    private interface Capability {
        void use() throws Exception;
    }

    private final String bootstrap;
    private final Admin admin;

    private Matrix(String bootstrap) {
        this.bootstrap = bootstrap;
        this.admin = Admin.create(Map.of("bootstrap.servers", bootstrap, "default.api.timeout.ms", 30_000));
    }

    public static void main(String[] arguments) {
        Matrix matrix = new Matrix(arguments[0]);
        matrix.capabilities().forEach((name, capability) -> {
            String outcome = "yes";
            try {
                capability.use();
            } catch (Exception error) {
                error.printStackTrace();
                outcome = error.toString().replace('\n', ' ');
            }
            System.out.println(name + "\t" + outcome);
        });
        matrix.admin.close();
    }

    private Map<String, Capability> capabilities() {
        Map<String, Capability> all = new LinkedHashMap<>();
        all.put("create_topic", this::createTopic);
        all.put("describe_topic", () -> expect(partitionCount(), 1));
        all.put("add_partitions", this::addPartitions);
        all.put("describe_configs", () -> expect(setting("segment.bytes"), "1048576"));
        all.put("alter_configs", this::alterConfigs);
        for (String codec : CODECS) all.put("produce_" + codec, () -> produce(codec, false));
        all.put("produce_idempotent", () -> produce("none", true));
        all.put("consume", this::consume);
        all.put("list_offsets", this::listOffsets);
        all.put("delete_records", this::deleteRecords);
        all.put("consume_in_group", () -> consumeInGroup(GROUP, "classic"));
        all.put("list_groups", () -> expect(groups(), Set.of(GROUP)));
        all.put("describe_groups", this::describeGroups);
        all.put("read_group_offsets", () -> expect(committed().get(PLACE), 6L));
        all.put("alter_group_offsets", this::alterGroupOffsets);
        all.put("delete_group_offsets", this::deleteGroupOffsets);
        all.put("delete_groups", this::deleteGroups);
        all.put("consume_in_new_group", () -> consumeInGroup("matrix-new-readers", "consumer"));
        all.put("describe_log_dirs", this::describeLogDirs);
        all.put("describe_cluster", () -> expect(get(admin.describeCluster().nodes()).size(), 1));
        all.put("describe_producers", this::describeProducers);
        all.put("elect_leaders", this::electLeaders);
        all.put("reassignments", this::reassignments);
        all.put("delete_topic", this::deleteTopic);
        return all;
    }

    private static void expect(Object seen, Object wanted) {
        if (!seen.equals(wanted)) throw new IllegalStateException(seen + " is not " + wanted);
    }

    private static <T> T get(KafkaFuture<T> future) throws Exception {
        return future.get(30, TimeUnit.SECONDS);
    }

    private void createTopic() throws Exception {
        NewTopic topic = new NewTopic(TOPIC, 1, (short) 1).configs(Map.of("segment.bytes", "1048576"));
        get(admin.createTopics(List.of(topic)).all());
    }

    private int partitionCount() throws Exception {
        return get(admin.describeTopics(List.of(TOPIC)).allTopicNames()).get(TOPIC).partitions().size();
    }

    private void addPartitions() throws Exception {
        get(admin.createPartitions(Map.of(TOPIC, NewPartitions.increaseTo(2))).all());
        expect(partitionCount(), 2);
    }

    private String setting(String name) throws Exception {
        ConfigResource topic = new ConfigResource(ConfigResource.Type.TOPIC, TOPIC);
        return get(admin.describeConfigs(List.of(topic)).all()).get(topic).get(name).value();
    }

    private void alterConfigs() throws Exception {
        ConfigResource topic = new ConfigResource(ConfigResource.Type.TOPIC, TOPIC);
        ConfigEntry entry = new ConfigEntry("retention.ms", "86400000");
        get(admin.incrementalAlterConfigs(Map.of(topic, List.of(new AlterConfigOp(entry, AlterConfigOp.OpType.SET)))).all());
        expect(setting("retention.ms"), "86400000");
    }

    /** A value that is shorter when it is compressed: clients send others as they are. */
    private static String value(String codec) {
        return codec.repeat(100);
    }

    private void produce(String codec, boolean isIdempotent) throws Exception {
        Map<String, Object> settings = Map.of(
            "bootstrap.servers", bootstrap, "compression.type", codec, "enable.idempotence", isIdempotent, "acks", "all");
        try (var producer = new KafkaProducer<>(settings, new StringSerializer(), new StringSerializer())) {
            producer.send(new ProducerRecord<>(TOPIC, 0, codec, value(codec))).get(30, TimeUnit.SECONDS);
        }
    }

    private Consumer<String, String> consumer(Map<String, Object> more) {
        Map<String, Object> settings = new LinkedHashMap<>(more);
        settings.put("bootstrap.servers", bootstrap);
        settings.put("enable.auto.commit", false);
        settings.put("auto.offset.reset", "earliest");
        return new KafkaConsumer<>(settings, new StringDeserializer(), new StringDeserializer());
    }

    private static List<String> read(Consumer<String, String> consumer, int count) {
        List<String> values = new ArrayList<>();
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
        while (values.size() < count && System.nanoTime() < end) {
            consumer.poll(Duration.ofMillis(500)).forEach(record -> values.add(record.value()));
        }
        return values;
    }

    private void consume() {
        try (var consumer = consumer(Map.of())) {
            consumer.assign(List.of(PLACE));
            consumer.seekToBeginning(List.of(PLACE));
            List<String> wanted = new ArrayList<>(CODECS.stream().map(Matrix::value).toList());
            wanted.add(value("none"));
            expect(read(consumer, 6), wanted);
        }
    }

    private long offset(OffsetSpec spec) throws Exception {
        return get(admin.listOffsets(Map.of(PLACE, spec)).partitionResult(PLACE)).offset();
    }

    private void listOffsets() throws Exception {
        expect(offset(OffsetSpec.earliest()), 0L);
        expect(offset(OffsetSpec.latest()), 6L);
        expect(offset(OffsetSpec.forTimestamp(0)), 0L);
        expect(offset(OffsetSpec.maxTimestamp()) < 6, true);
    }

    private void deleteRecords() throws Exception {
        var deleted = admin.deleteRecords(Map.of(PLACE, RecordsToDelete.beforeOffset(2)));
        expect(get(deleted.lowWatermarks().get(PLACE)).lowWatermark(), 2L);
        expect(offset(OffsetSpec.earliest()), 2L);
    }

    private void consumeInGroup(String group, String protocol) {
        try (var consumer = consumer(Map.of("group.id", group, "group.protocol", protocol))) {
            consumer.subscribe(List.of(TOPIC));
            expect(read(consumer, 4).size(), 4);
            consumer.commitSync(Duration.ofSeconds(30));
        }
    }

    private Set<String> groups() throws Exception {
        return get(admin.listGroups().all()).stream().map(GroupListing::groupId).collect(Collectors.toSet());
    }

    private void describeGroups() throws Exception {
        var groups = get(admin.describeConsumerGroups(List.of(GROUP)).all());
        expect(groups.get(GROUP).groupState().toString(), "Empty");
    }

    private Map<TopicPartition, Long> committed() throws Exception {
        var offsets = get(admin.listConsumerGroupOffsets(GROUP).partitionsToOffsetAndMetadata());
        return offsets.entrySet().stream().collect(Collectors.toMap(Map.Entry::getKey, entry -> entry.getValue().offset()));
    }

    private void alterGroupOffsets() throws Exception {
        get(admin.alterConsumerGroupOffsets(GROUP, Map.of(PLACE, new OffsetAndMetadata(3))).all());
        expect(committed().get(PLACE), 3L);
    }

    private void deleteGroupOffsets() throws Exception {
        get(admin.deleteConsumerGroupOffsets(GROUP, Set.of(PLACE)).all());
        expect(committed().containsKey(PLACE), false);
    }

    private void deleteGroups() throws Exception {
        get(admin.deleteConsumerGroups(List.of(GROUP)).all());
        expect(groups(), Set.of());
    }

    private void describeLogDirs() throws Exception {
        var volumes = get(admin.describeLogDirs(List.of(0)).allDescriptions()).get(0);
        var infos = volumes.values().stream().flatMap(volume -> volume.replicaInfos().entrySet().stream());
        expect(infos.anyMatch(info -> info.getKey().equals(PLACE) && info.getValue().size() > 0), true);
    }

    private void describeProducers() throws Exception {
        var states = get(admin.describeProducers(List.of(PLACE)).partitionResult(PLACE)).activeProducers();
        expect(states.isEmpty(), false);
    }

    private void electLeaders() throws Exception {
        var elected = get(admin.electLeaders(ElectionType.PREFERRED, Set.of(PLACE)).partitions());
        expect(elected.get(PLACE).get().getClass(), ElectionNotNeededException.class);
    }

    private void reassignments() throws Exception {
        expect(get(admin.listPartitionReassignments().reassignments()).size(), 0);
        var here = Optional.of(new NewPartitionReassignment(List.of(0)));
        get(admin.alterPartitionReassignments(Map.of(PLACE, here)).all());
    }

    private void deleteTopic() throws Exception {
        get(admin.deleteTopics(List.of(TOPIC)).all());
        expect(get(admin.listTopics().names()).contains(TOPIC), false);
    }
}
